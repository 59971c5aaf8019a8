import { findOpenRuns } from '../../../infra/db/queries/installation.ts';
import { findWaitingOrganizations } from '../../../infra/db/queries/run-admission.ts';
import { forEachConcurrent } from '../../context/concurrency.ts';
import type { Deps } from '../../context/context.ts';
import { startDeliveries } from '../../delivery/start.ts';
import { observeRun } from '../../incident/recording/observe-run.ts';
import { gapSeconds } from '../../run/dispatch/start-scheduled.ts';
import { wakeWaitingRuns } from '../../run/dispatch/wake.ts';
import { settleRun } from '../../run/execution/finish.ts';

/**
 * A younger run is still being started by its creator. Scheduled ones are also started one tester model after the
 * other.
 */
const youngMs = { manual: 10_000, scheduled: 30_000 + 10 * gapSeconds * 1000 };
/** Open runs of each organization that one pass looks at, oldest first. */
const pageSize = 500;

/**
 * Repairs open runs: starts one whose Temporal workflow was never started, ends one whose workflow was terminated or
 * has closed as abandoned, repeats a cancelation that Temporal did not receive, and wakes those that may begin.
 */
export async function reconcileRuns(
  deps: Deps,
  {
    onProgress,
    olderThanMs = youngMs,
  }: { onProgress: () => void; olderThanMs?: { manual: number; scheduled: number } },
): Promise<{ runsStarted: number; runsAbandoned: number; runsCanceled: number }> {
  const { db, temporal, config, log } = deps;
  const now = deps.now().getTime();
  const before = (ms: number) => new Date(now - ms);
  const open = await findOpenRuns(db, {
    manualBefore: before(olderThanMs.manual),
    scheduledBefore: before(olderThanMs.scheduled),
    limit: pageSize,
  });
  const done = { runsStarted: 0, runsAbandoned: 0, runsCanceled: 0 };
  await forEachConcurrent(
    open,
    { concurrency: 8, onProgress, log },
    async ({ id: runId, orgId, workflowId, serverId, trigger, cancelRequestedBy }) => {
      const state = await temporal.describeRun(runId);
      if (state === 'running') {
        if (cancelRequestedBy !== null && (await temporal.cancelRun(runId))) done.runsCanceled += 1;
        return;
      }
      if (cancelRequestedBy !== null) {
        await settleRun({ deps }, { orgId, runId, end: 'canceled' });
        done.runsCanceled += 1;
      } else if (state === 'absent') {
        await temporal.startRun({
          runId,
          orgId,
          workflowId,
          serverId,
          trigger,
          heartbeatSeconds: config.heartbeatSeconds,
        });
        done.runsStarted += 1;
      } else {
        // Does nothing when the run has ended since its row was read.
        const { status } = await settleRun(
          { deps },
          {
            orgId,
            runId,
            end: 'abandoned',
            message: 'Its Temporal workflow was terminated, or ended before the run did.',
          },
        );
        if (status !== 'error') return;
        done.runsAbandoned += 1;
        const ctx = { deps, actor: { kind: 'system' as const, id: 'reconcile', orgId }, requestId: runId };
        await startDeliveries(deps, (await observeRun(ctx, { runId })).deliveries);
      }
    },
  );
  for (const orgId of await findWaitingOrganizations(db)) await wakeWaitingRuns(deps, orgId);
  return done;
}
