import type { Warning } from '../../domain/error/error.ts';
import { type WorkflowDefinition, workflowDefinition } from '../../domain/workflow/definition.ts';
import type { Deps } from '../context/context.ts';

type Following = Pick<Deps, 'db' | 'temporal' | 'config' | 'log'>;
type Ref = { orgId: string; workflowId: string };

/** Saves that may overtake one sync before it leaves the rest to reconcile. */
const maxRounds = 5;

/**
 * Makes the Schedule in Temporal follow the workflow's row: an active workflow with a schedule has one, any other has none. What an
 * operator paused in Temporal stays paused, also when it was paused and resumed here meanwhile, and the row says so. Safe to call at any time and at once with others: a sync that a newer
 * save overtook starts over with that, since it may have written its own after the newer one's. Not a use case.
 * @throws when Temporal can't be reached; the row then stays marked as not synced, for reconcile.
 */
export async function syncSchedule({ db, temporal, config }: Following, ref: Ref): Promise<void> {
  for (let round = 0; round < maxRounds; round++) {
    const row = await readRow(db, ref);
    if (!row) return;
    const cron = row.state === 'active' ? row.definition.schedule : null;
    let pausedByOperator = row.schedulePausedByOperator;
    if (cron === null) {
      const removed = await temporal.deleteSchedule(ref.workflowId);
      // A pause here is not the end of a pause there.
      pausedByOperator = row.state === 'paused' && (removed?.pausedByOperator ?? pausedByOperator);
    } else
      ({ pausedByOperator } = await temporal.syncSchedule(
        {
          workflowId: ref.workflowId,
          orgId: ref.orgId,
          serverId: row.definition.serverId,
          name: row.definition.name,
          cron,
          timezone: row.definition.timezone,
          heartbeatSeconds: config.heartbeatSeconds,
        },
        pausedByOperator,
      ));
    // Not through the model, which would move `updatedAt`: that is when people changed the workflow.
    const marked = await db.$executeRaw`
      UPDATE "Workflow" SET "scheduleSyncedRevision" = ${row.scheduleRevision}::int,
        "schedulePausedByOperator" = ${pausedByOperator}::boolean
      WHERE "orgId" = ${ref.orgId}::uuid AND "id" = ${ref.workflowId}::uuid
        AND "scheduleRevision" = ${row.scheduleRevision}::int`;
    if (marked === 1) return;
  }
}

/** The same after a commit: what was saved stands, whatever Temporal says. */
export async function syncScheduleOrWarn(deps: Following, ref: Ref): Promise<Warning[]> {
  try {
    await syncSchedule(deps, ref);
    return [];
  } catch (error) {
    deps.log.warn({ err: error, workflowId: ref.workflowId }, 'a Schedule did not follow; reconcile will make it');
    const message =
      'Saved, but Temporal can not be reached right now: the schedule follows by itself within minutes of its return.';
    return [{ code: 'schedule_not_synced', message }];
  }
}

type Row = { state: string; scheduleRevision: number; schedulePausedByOperator: boolean };

async function readRow(
  db: Following['db'],
  { orgId, workflowId }: Ref,
): Promise<(Row & { definition: WorkflowDefinition }) | null> {
  // One statement, so that state, revision and version belong together.
  const [row] = await db.$queryRaw<(Row & { definition: unknown })[]>`
    SELECT w."state", w."scheduleRevision", w."schedulePausedByOperator", v."definition" FROM "Workflow" w
    JOIN "WorkflowVersion" v ON v."orgId" = w."orgId" AND v."id" = w."activeVersionId"
    WHERE w."orgId" = ${orgId}::uuid AND w."id" = ${workflowId}::uuid`;
  return row ? { ...row, definition: workflowDefinition.parse(row.definition) } : null;
}
