import { Context as ActivityContext } from '@temporalio/activity';
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
import { startScheduledRuns } from '../services/run/dispatch/start-scheduled.ts';
import { evaluateRun } from '../services/run/execution/evaluate.ts';
import { executeRun } from '../services/run/execution/execute.ts';
import { finishRun } from '../services/run/execution/finish.ts';
import { toActivityFailure } from './failure.ts';

export type Activities = ReturnType<typeof createActivities>;
type RunRef = { runId: string; orgId: string };
type DeliveryRef = { orgId: string; deliveryId: string; round: number };

/** What workflows call. Only ids and small verdicts pass through Temporal. */
export function createActivities(deps: Deps) {
  return {
    /** The agent's part of a run. `toGrade`: whether grading is left to `evaluateRun`. */
    runAgent: ({ runId, orgId }: RunRef): Promise<{ toGrade: boolean }> =>
      mapped(deps, 'runAgent', () => executeRun(system(deps, orgId), { runId, attempt: attempt() })),

    evaluateRun: ({ runId, orgId }: RunRef): Promise<{ graded: number }> =>
      mapped(deps, 'evaluateRun', () => evaluateRun(system(deps, orgId), { runId, attempt: attempt() })),

    finishRun: ({
      runId,
      orgId,
      end,
    }: RunRef & { end: 'worked' | 'canceled' | 'abandoned' }): Promise<{ status: string }> =>
      mapped(deps, 'finishRun', () => finishRun(system(deps, orgId), { runId, end })),

    refreshCoverage: ({ runId, orgId }: RunRef): Promise<{ runCount: number }> =>
      mapped(deps, 'refreshCoverage', async () => {
        const { runCount } = await refreshCoverage(system(deps, orgId), { runId });
        return { runCount };
      }),

    /** Takes a run that ended to its incident; what rules tell of it is on its way when this returns. */
    evaluateAlerts: ({ runId, orgId }: RunRef): Promise<{ deliveries: number }> =>
      mapped(deps, 'evaluateAlerts', async () => {
        const { deliveries } = await observeRun(system(deps, orgId), { runId });
        await startDeliveries(deps, deliveries);
        return { deliveries: deliveries.length };
      }),

    startScheduledRuns: ({ workflowId, orgId, at }: { workflowId: string; orgId: string; at: string }) =>
      mapped(deps, 'startScheduledRuns', () => startScheduledRuns(system(deps, orgId), { workflowId, at })),

    /** One tick of a server's monitors of one interval. `scheduledAt`: its nominal time, ISO 8601. */
    runChecks: ({
      orgId,
      ...tick
    }: {
      orgId: string;
      serverId: string;
      intervalSeconds: number;
      scheduledAt: string;
    }): Promise<{ checks: number; deliveries: number }> =>
      mapped(deps, 'runChecks', async () => {
        const { checks, deliveries } = await runChecks(system(deps, orgId), { ...tick, attempt: attempt() });
        return { checks, deliveries: deliveries.length };
      }),

    /** A check that somebody asked for. `requestedAt`: ISO 8601; the same for every attempt. */
    runCheckNow: ({
      orgId,
      ...check
    }: {
      orgId: string;
      monitorId: string;
      key: string;
      requestedAt: string;
    }): Promise<{ outcome: string }> =>
      mapped(deps, 'runCheckNow', async () => {
        const { outcome } = await runCheckNow(system(deps, orgId), { ...check, attempt: attempt() });
        return { outcome };
      }),

    /** One attempt at a delivery. */
    sendDelivery: ({ orgId, ...delivery }: DeliveryRef): Promise<{ state: string }> =>
      mapped(deps, 'sendDelivery', () => deliverAlert(system(deps, orgId), delivery)),

    giveUpDelivery: ({ orgId, ...delivery }: DeliveryRef): Promise<{ state: string }> =>
      mapped(deps, 'giveUpDelivery', () => giveUpDelivery(system(deps, orgId), delivery)),

    /** Syncs the catalogs of a page of servers that are due. `after`: where the next page begins; null at the end. */
    syncDueCatalogs: ({ after }: { after: string | null }): Promise<{ after: string | null }> =>
      mapped(deps, 'syncDueCatalogs', async () => {
        const { heartbeat } = ActivityContext.current();
        const synced = await syncDueServers(deps, { after, onProgress: () => heartbeat() });
        return { after: synced.after };
      }),

    /** One pass over this installation's runs and Schedules. `after`: where the pass over the Schedules goes on. */
    reconcileAll: ({ after }: { after: string | null }): Promise<{ after: string | null }> =>
      mapped(deps, 'reconcileAll', () => {
        const { heartbeat } = ActivityContext.current();
        return reconcileAll(deps, { after, onProgress: () => heartbeat() });
      }),

    /** Clears away what is kept for a time only, for a page of organizations. `after`: where the next page begins; null at the end. */
    sweepOrganizations: ({ after }: { after: string | null }): Promise<{ after: string | null }> =>
      mapped(deps, 'sweepOrganizations', async () => {
        const { heartbeat } = ActivityContext.current();
        const swept = await sweepOrganizations(deps, { after, onProgress: () => heartbeat() });
        return { after: swept.after };
      }),
  };
}

const system = (deps: Deps, orgId: string): Context => ({
  deps,
  actor: { kind: 'system', id: 'worker', orgId },
  requestId: ActivityContext.current().info.workflowExecution?.workflowId ?? 'worker',
});

function attempt() {
  const activity = ActivityContext.current();
  return {
    signal: activity.cancellationSignal,
    heartbeat: () => activity.heartbeat(),
    isCanceled: () => activity.cancellationDetails?.cancelRequested === true,
  };
}

async function mapped<T>(deps: Deps, name: string, work: () => Promise<T>): Promise<T> {
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
