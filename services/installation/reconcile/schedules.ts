import { z } from 'zod';
import {
  findScheduledWorkflows,
  findUnsyncedUnscheduled,
  type ScheduledWorkflow,
  setPausedByOperator,
} from '../../../infra/db/queries/workflow-schedule.ts';
import type { WorkflowSchedule } from '../../../infra/temporal/index.ts';
import { forEachConcurrent } from '../../context/concurrency.ts';
import type { Deps } from '../../context/context.ts';
import { syncSchedule } from '../../workflow/sync-schedule.ts';
import { recordMissed } from './missed.ts';

/** Workflows whose Schedules one pass looks at closely. */
const closePage = 200;
const listPage = 500;

/**
 * Makes the Schedules in Temporal follow the workflows: lost ones are created, those left over deleted, unsynced revisions followed,
 * and, a page a pass, those changed by hand repaired. One that an operator paused stays paused, and the workflow says so. Fire
 * times that Temporal passed over are listed as skipped.
 */
export async function reconcileSchedules(
  deps: Deps,
  { after, onProgress }: { after: string | null; onProgress: () => void },
) {
  const { db, temporal, config, log } = deps;
  const done = { schedulesCreated: 0, schedulesDeleted: 0, schedulesRepaired: 0, firesSkipped: 0 };
  // Before the rows: a Schedule that is seen here was made after its row.
  const entries = new Map((await temporal.listSchedules()).map((entry) => [entry.workflowId, entry]));
  const limits = { concurrency: 8, onProgress, log };
  const follow = ({ id, orgId }: Pick<ScheduledWorkflow, 'id' | 'orgId'>) =>
    syncSchedule(deps, { orgId, workflowId: id });

  const wanted = new Set<string>();
  for (let from: string | null = null; ; ) {
    const rows = await findScheduledWorkflows(db, { after: from, limit: listPage });
    for (const { id } of rows) wanted.add(id);
    await forEachConcurrent(rows, limits, async (row) => {
      const entry = entries.get(row.id);
      if (!entry || row.isBehind) {
        await follow(row);
        done.schedulesCreated += entry ? 0 : 1;
      } else if (entry.pausedByOperator !== row.pausedByOperator)
        await setPausedByOperator(db, { ...row, pausedByOperator: entry.pausedByOperator });
    });
    from = rows.at(-1)?.id ?? null;
    if (rows.length < listPage) break;
  }

  const leftOver = [...entries.keys()].filter((id) => !wanted.has(id) && z.uuid().safeParse(id).success);
  await forEachConcurrent(leftOver, limits, async (workflowId) => {
    await temporal.deleteSchedule(workflowId);
    done.schedulesDeleted += 1;
  });
  // Revisions that leave no Schedule: what was paused, archived or made manual while Temporal was away.
  await forEachConcurrent(await findUnsyncedUnscheduled(db, { limit: listPage }), limits, follow);

  const close = await findScheduledWorkflows(db, { after, limit: closePage });
  await forEachConcurrent(close, limits, async (row) => {
    const state = await temporal.checkSchedule(specOf(row, config.heartbeatSeconds));
    if (state === null) return;
    if (state.changed) {
      await follow(row);
      done.schedulesRepaired += 1;
    }
    done.firesSkipped += await recordMissed(deps, row, state);
  });
  return { ...done, after: close.length < closePage ? null : (close.at(-1)?.id ?? null) };
}

const specOf = (row: ScheduledWorkflow, heartbeatSeconds: number): WorkflowSchedule => ({
  workflowId: row.id,
  orgId: row.orgId,
  serverId: row.serverId,
  name: row.name,
  cron: row.cron,
  timezone: row.timezone,
  heartbeatSeconds,
});
