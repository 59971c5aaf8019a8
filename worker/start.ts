import { setTimeout as sleep } from 'node:timers/promises';
import { NativeConnection, Worker, type WorkerOptions } from '@temporalio/worker';
import { createActivities } from '../activities/index.ts';
import type { Config } from '../infra/config/index.ts';
import { buildConnectionOptions } from '../infra/temporal/connection.ts';
import { temporalNames } from '../infra/temporal/index.ts';
import type { Deps } from '../services/context/context.ts';
import { reconcileAll } from '../services/installation/reconcile/reconcile.ts';
import { workflowBundle } from './bundle.ts';

export type RunningWorker = {
  /** Resolves when the worker has stopped, rejects when it fails. */
  done: Promise<void>;
  /** Accepts no new work, waits ten seconds for running work and leaves the rest to another worker. */
  stop(): Promise<void>;
};

const graceMs = 10_000;

/**
 * Hosts the queues of the configuration in this process, on one connection. Waits for Temporal, resolves once it polls,
 * and reconnects by itself.
 * @param options.signal stops waiting for Temporal
 * @param options.reconcile false: no Schedules of the system, and no reconcile pass at boot, which only a worker of the
 *   queue `system` does. @default true
 */
export async function startWorker(
  deps: Deps,
  config: Config,
  { signal, reconcile = true }: { signal?: AbortSignal; reconcile?: boolean } = {},
): Promise<RunningWorker> {
  const { log, telemetry } = deps;
  const workflows = await workflowBundle(log, { traced: telemetry.temporal !== null });
  const connection = await retryUntilReady(deps, 'Temporal can not be reached yet', signal, () =>
    NativeConnection.connect(buildConnectionOptions(config.temporal)),
  );
  await retryUntilReady(deps, 'Temporal is not ready yet', signal, async () => {
    await deps.temporal.ensureSearchAttributes();
    if (reconcile) await deps.temporal.ensureSystemSchedules();
  });

  const { queue } = temporalNames(config.installation);
  const shared = {
    connection,
    namespace: config.temporal.namespace,
    workflowBundle: workflows,
    activities: createActivities(deps),
    ...telemetry.temporal?.worker,
    shutdownGraceTime: graceMs,
    // Cancellations arrive with heartbeats. By default Temporal holds heartbeats back for most of their time limit,
    // which delays cancellations and, on a busy machine, can exceed the limit.
    maxHeartbeatThrottleInterval: Math.min(2000, (config.heartbeatSeconds * 1000) / 3),
    // How long workflows wait for a dead worker before another one takes them. The default is 10 s.
    stickyQueueScheduleToStartTimeout: '3 seconds',
  } as const;
  const own: Record<Config['queues'][number], Partial<WorkerOptions>> = {
    runs: { maxConcurrentActivityTaskExecutions: config.runConcurrency },
    // Checks mostly wait for the servers under test.
    checks: { maxConcurrentActivityTaskExecutions: config.checkConcurrency, workflowThreadPoolSize: 1 },
    system: {
      maxConcurrentActivityTaskExecutions: 4,
      maxConcurrentWorkflowTaskExecutions: 4,
      workflowThreadPoolSize: 1,
    },
  };
  const workers: Worker[] = [];
  for (const name of config.queues)
    workers.push(await Worker.create({ ...shared, ...own[name], taskQueue: queue(name) }));
  const stopAll = () => {
    for (const worker of workers) if (worker.getState() === 'RUNNING') worker.shutdown();
  };
  const done = Promise.all(
    workers.map((worker) =>
      worker.run().catch((error: unknown) => {
        stopAll();
        throw error;
      }),
    ),
  ).then(() => connection.close());
  // Callers of `stop` and `done` get the failure; without one it is not unhandled.
  done.catch(() => {});
  if (reconcile && config.queues.includes('system'))
    reconcileAll(deps, { after: null }).catch((error: unknown) =>
      log.warn({ err: error }, 'the pass at boot failed; the next one is due within a minute'),
    );
  return {
    done,
    stop() {
      stopAll();
      return done;
    },
  };
}

async function retryUntilReady<T>(
  { log }: Deps,
  message: string,
  signal: AbortSignal | undefined,
  work: () => Promise<T>,
): Promise<T> {
  for (let delayMs = 250; ; delayMs = Math.min(delayMs * 2, 5000)) {
    signal?.throwIfAborted();
    try {
      return await work();
    } catch (error) {
      log.warn({ err: error, againInMs: delayMs }, message);
    }
    await sleep(delayMs, undefined, signal ? { signal } : {});
  }
}
