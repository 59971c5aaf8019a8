import type { Warning } from '../../domain/error/error.ts';
import { findActiveVersion, markScheduleSynced } from '../../infra/db/queries/workflow.ts';
import type { Deps } from '../context/context.ts';
import { parseDefinition } from './reading/view.ts';

type Following = Pick<Deps, 'db' | 'temporal' | 'config' | 'log'>;
type Ref = { orgId: string; workflowId: string };

/** Newer saves that one sync follows before it leaves the rest to reconcile. */
const maxRounds = 5;

/**
 * Makes the Schedule in Temporal follow the workflow's row: an active workflow with a schedule has one, any other has
 * none. What an operator paused in Temporal stays paused, and the row says so. Safe to call at any time and
 * concurrently: a sync that a newer save overtook starts over, since it may have overwritten the newer Schedule. Not a
 * use case.
 * @throws when Temporal is unreachable. The row then stays marked as not synced, for reconcile.
 */
export async function syncSchedule({ db, temporal, config }: Following, ref: Ref): Promise<void> {
  for (let round = 0; round < maxRounds; round++) {
    const row = await findActiveVersion(db, ref);
    if (!row) return;
    const definition = parseDefinition(row);
    const cron = row.state === 'active' ? definition.schedule : null;
    let pausedByOperator = row.schedulePausedByOperator;
    if (cron === null) {
      const removed = await temporal.deleteSchedule(ref.workflowId);
      // Pausing the workflow here doesn't end the operator's pause in Temporal.
      pausedByOperator = row.state === 'paused' && (removed?.pausedByOperator ?? pausedByOperator);
    } else
      ({ pausedByOperator } = await temporal.syncSchedule(
        {
          workflowId: ref.workflowId,
          orgId: ref.orgId,
          serverId: definition.serverId,
          name: definition.name,
          cron,
          timezone: definition.timezone,
          heartbeatSeconds: config.heartbeatSeconds,
        },
        pausedByOperator,
      ));
    const { scheduleRevision: revision } = row;
    if (await markScheduleSynced(db, { ...ref, revision, pausedByOperator })) return;
  }
}

/** `syncSchedule` after a commit: when Temporal is unreachable, the saved change stays and a warning says so. */
export async function syncScheduleOrWarn(deps: Following, ref: Ref): Promise<Warning[]> {
  try {
    await syncSchedule(deps, ref);
    return [];
  } catch (error) {
    deps.log.warn({ err: error, workflowId: ref.workflowId }, 'a Schedule was not synced; reconcile syncs it');
    const message = 'Saved, but Temporal is unreachable. The schedule follows by itself within minutes of its return.';
    return [{ code: 'schedule_not_synced', message }];
  }
}
