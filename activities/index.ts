import { Context as ActivityContext } from '@temporalio/activity';
import { observeBudgets } from '../services/budget/observe.ts';
import { syncDueServers } from '../services/catalog/sync-due.ts';
import { runChecks } from '../services/check/run-batch.ts';
import { runCheckNow } from '../services/check/run-now.ts';
import type { Context, Deps } from '../services/context/context.ts';
import { refreshCoverage } from '../services/coverage/refresh.ts';
import { deliverAlert } from '../services/delivery/deliver.ts';
import { giveUpDelivery } from '../services/delivery/give-up.ts';
import { startDeliveries } from '../services/delivery/start.ts';
import { observeRun } from '../services/incident/recording/observe-run.ts';
import { sweepOrganizations } from '../services/installation/housekeeping/sweep.ts';
import { reconcileAll } from '../services/installation/reconcile/reconcile.ts';
import { makeDueReport } from '../services/report/make.ts';
import { startScheduledRuns } from '../services/run/dispatch/start-scheduled.ts';
import { executeRun } from '../services/run/execution/execute.ts';
import { finishRun } from '../services/run/execution/finish.ts';
import { gradeRun } from '../services/run/execution/grade.ts';
import { toActivityFailure } from './failure.ts';

export type Activities = ReturnType<typeof createActivities>;
type RunRef = { runId: string; orgId: string };
type DeliveryRef = { orgId: string; deliveryId: string; round: number };
type BatchRef = { orgId: string; serverId: string; intervalSeconds: number; scheduledAt: string };
type FireRef = { orgId: string; workflowId: string; at: string };
type ServerRef = { orgId: string; serverId: string };
type CheckRef = { orgId: string; monitorId: string; key: string; requestedAt: string };
/** The first and the longest pause after failures of a receiver, in milliseconds. */
type Pace = { first: number; longest: number };
/** Cursor of a pass over pages: where the next one begins, null at the start and at the end. */
type Page = { after: string | null };

/** The activities that workflows call. Only ids, counts and states pass through Temporal. */
export function createActivities(deps: Deps) {
  return {
    /**
     * The agent's part of a run. `toGrade`: `evaluateRun` has to grade it. `isWaiting`: it has not begun,
     * because as many runs of the workspace are running as may.
     */
    runAgent: ({ runId, orgId }: RunRef): Promise<{ toGrade: boolean; isWaiting?: true }> =>
      attempted(deps, 'runAgent', () => executeRun(asSystem(deps, orgId), { runId, attempt: getAttempt() })),

    evaluateRun: ({ runId, orgId }: RunRef): Promise<{ graded: number }> =>
      attempted(deps, 'evaluateRun', () => gradeRun(asSystem(deps, orgId), { runId, attempt: getAttempt() })),

    finishRun: ({
      runId,
      orgId,
      end,
    }: RunRef & { end: 'worked' | 'canceled' | 'abandoned' }): Promise<{ status: string }> =>
      attempted(deps, 'finishRun', () => finishRun(asSystem(deps, orgId), { runId, end })),

    refreshCoverage: ({ runId, orgId }: RunRef): Promise<{ runCount: number }> =>
      attempted(deps, 'refreshCoverage', async () => {
        const { runCount } = await refreshCoverage(asSystem(deps, orgId), { runId });
        return { runCount };
      }),

    /** Records a finished run in its incident and those of budgets, and starts the deliveries of matching rules. */
    evaluateAlerts: ({ runId, orgId }: RunRef): Promise<{ deliveries: number }> =>
      attempted(deps, 'evaluateAlerts', async () => {
        const { deliveries } = await observeRun(asSystem(deps, orgId), { runId });
        await startDeliveries(deps, deliveries);
        await observeBudgets(deps, { orgId });
        return { deliveries: deliveries.length };
      }),

    /** `waitedMs`: how long Temporal waited for a worker; absent in workflows from before. */
    startScheduledRuns: ({ orgId, waitedMs = 0, ...fire }: FireRef & { waitedMs?: number }) =>
      attempted(deps, 'startScheduledRuns', () =>
        startScheduledRuns(asSystem(deps, orgId), { ...fire, waitedMs: waitedMs + getAgeMs() }),
      ),

    /** All checks of a server's monitors of one interval. `scheduledAt`: their due time, ISO 8601. */
    runChecks: ({ orgId, ...batch }: BatchRef): Promise<{ checks: number; deliveries: number }> =>
      attempted(deps, 'runChecks', async () => {
        const { checks, deliveries } = await runChecks(asSystem(deps, orgId), { ...batch, attempt: getAttempt() });
        return { checks, deliveries: deliveries.length };
      }),

    /** A requested check. `requestedAt`: ISO 8601, the same for every attempt. */
    runCheckNow: ({ orgId, ...check }: CheckRef): Promise<{ outcome: string }> =>
      attempted(deps, 'runCheckNow', async () => {
        const { outcome } = await runCheckNow(asSystem(deps, orgId), { ...check, attempt: getAttempt() });
        return { outcome };
      }),

    /** The report that is due on a server. `isDue`: a sync asked for another one meanwhile. */
    makeDueReport: (server: ServerRef): Promise<{ isDue: boolean }> =>
      attempted(deps, 'makeDueReport', () => makeDueReport(deps, { ...server, attempt: getAttempt() })),

    /** One attempt at a delivery. */
    sendDelivery: ({ orgId, ...delivery }: DeliveryRef & { pace?: Pace }): Promise<{ state: string }> =>
      attempted(deps, 'sendDelivery', () =>
        deliverAlert(asSystem(deps, orgId), { ...delivery, waitedMs: getWaitedMs() }),
      ),

    giveUpDelivery: ({ orgId, ...delivery }: DeliveryRef): Promise<{ state: string }> =>
      attempted(deps, 'giveUpDelivery', () => giveUpDelivery(asSystem(deps, orgId), delivery)),

    /** Syncs the catalogs of one page of due servers. */
    syncDueCatalogs: ({ after }: Page): Promise<Page> =>
      attempted(deps, 'syncDueCatalogs', async () => {
        const synced = await syncDueServers(deps, { after, onProgress: getAttempt().heartbeat });
        return { after: synced.after };
      }),

    /** Makes runs and one page of Schedules agree with the database. */
    reconcileAll: ({ after }: Page): Promise<Page> =>
      attempted(deps, 'reconcileAll', () => reconcileAll(deps, { after, onProgress: getAttempt().heartbeat })),

    /** Deletes expired data of one page of organizations. */
    sweepOrganizations: ({ after }: Page): Promise<Page> =>
      attempted(deps, 'sweepOrganizations', async () => {
        const swept = await sweepOrganizations(deps, { after, onProgress: getAttempt().heartbeat });
        return { after: swept.after };
      }),
  };
}

const asSystem = (deps: Deps, orgId: string): Context => ({
  deps,
  actor: { kind: 'system', id: 'worker', orgId },
  requestId: ActivityContext.current().info.workflowExecution?.workflowId ?? 'worker',
});

function getAttempt() {
  const activity = ActivityContext.current();
  return {
    signal: activity.cancellationSignal,
    heartbeat: () => activity.heartbeat(),
    isCanceled: () => activity.cancellationDetails?.cancelRequested === true,
  };
}

/** How long this attempt has been due: above a moment, no worker was there to take it. */
const getWaitedMs = (): number =>
  Math.max(0, Date.now() - ActivityContext.current().info.currentAttemptScheduledTimestampMs);

/** How long this activity has been due, over all its attempts. */
const getAgeMs = (): number => Math.max(0, Date.now() - ActivityContext.current().info.scheduledTimestampMs);

/** Logs a failure with its details and throws what Temporal may see of it. */
async function attempted<T>(deps: Deps, name: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const { attempt, workflowExecution } = ActivityContext.current().info;
    deps.log.warn(
      { err: error, activity: name, attempt, workflow: workflowExecution?.workflowId },
      'an activity failed',
    );
    throw toActivityFailure(name, error);
  }
}
