import { z } from 'zod';
import {
  findScheduledWorkflows,
  findUnsyncedUnscheduled,
  type ScheduledWorkflow,
  setPausedByOperator,
} from '../../../infra/db/queries/workflow-schedule.ts';
import type { ScheduleCheck, ScheduleEntry } from '../../../infra/temporal/index.ts';
import { forEachConcurrent } from '../../context/concurrency.ts';
import type { Deps } from '../../context/context.ts';
import { syncSchedule } from '../../workflow/sync-schedule.ts';
import { recordMissed } from './missed.ts';
import { reconcileSchedules, type ScheduleKind } from './schedule-pass.ts';

/** Workflows without a schedule whose Schedule one pass deletes at most. */
const unscheduledPage = 500;

/** Reconciles the Schedules of workflows, and lists fire times that Temporal passed over as skipped. */
export async function reconcileWorkflowSchedules(
  deps: Deps,
  { after, onProgress }: { after: string | null; onProgress: () => void },
) {
  const { db, temporal, config, log } = deps;
  const sync = ({ id, orgId }: Pick<ScheduledWorkflow, 'id' | 'orgId'>) =>
    syncSchedule(deps, { orgId, workflowId: id });
  let firesSkipped = 0;
  const kind: ScheduleKind<ScheduledWorkflow & { isWanted: true }, ScheduleEntry, ScheduleCheck> = {
    toKey: (item) => ('workflowId' in item ? item.workflowId : item.id),
    findRows: async (page) =>
      (await findScheduledWorkflows(db, page)).map((row) => ({ ...row, isWanted: true as const })),
    listSchedules: async () =>
      (await temporal.listSchedules()).filter(({ workflowId }) => z.uuid().safeParse(workflowId).success),
    sync,
    setPausedByOperator: ({ orgId, id }, pausedByOperator) => setPausedByOperator(db, { orgId, id, pausedByOperator }),
    async deleteSchedule({ workflowId }) {
      await temporal.deleteSchedule(workflowId);
    },
    compare: ({ id, orgId, serverId, name, cron, timezone }) =>
      temporal.checkSchedule({
        workflowId: id,
        orgId,
        serverId,
        name,
        cron,
        timezone,
        heartbeatSeconds: config.heartbeatSeconds,
      }),
    async onCompared(row, state) {
      firesSkipped += await recordMissed(deps, row, state);
    },
  };
  const { created, deleted, repaired, after: next } = await reconcileSchedules(deps, kind, { after, onProgress });
  // Workflows that were paused, archived or made manual while Temporal was away.
  const unscheduled = await findUnsyncedUnscheduled(db, { limit: unscheduledPage });
  await forEachConcurrent(unscheduled, { concurrency: 8, onProgress, log }, sync);
  return {
    schedulesCreated: created,
    schedulesDeleted: deleted,
    schedulesRepaired: repaired,
    firesSkipped,
    after: next,
  };
}
