import { setTimeout as sleep } from 'node:timers/promises';
import { NativeConnection, Worker } from '@temporalio/worker';
import { createActivities } from '../activities/index.ts';
import type { Config } from '../infra/config/index.ts';
import { temporalNames } from '../infra/temporal/index.ts';
import type { Deps } from '../services/context/context.ts';
import { reconcileAll } from '../services/installation/reconcile/reconcile.ts';
import { workflowBundle } from './bundle.ts';

export type RunningWorker = {
  /** Resolves when the worker has stopped, rejects when it can't go on. */
  done: Promise<void>;
  /** Takes nothing new, gives what runs ten seconds to end and leaves the rest to another worker. */
  stop(): Promise<void>;
};

const graceMs = 10_000;

/**
 * Hosts the queues `runs`, `checks` and `system` in this process, on one connection. Resolves once it polls; waits for Temporal as long as it is
 * away, and reconnects by itself later.
 * @param options.signal gives up waiting for Temporal.
 * @param options.reconcile false: leaves the pass at boot out, and the minutely Schedule. @default true
 */
export async function startWorker(
  deps: Deps,
  config: Config,
  { signal, reconcile = true }: { signal?: AbortSignal; reconcile?: boolean } = {},
): Promise<RunningWorker> {
  const { log } = deps;
  const workflows = await workflowBundle(log);
  const connection = await retryUntilReady(deps, 'Temporal can not be reached yet', signal, () =>
    NativeConnection.connect({ address: config.temporal.address }),
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
    shutdownGraceTime: graceMs,
    // Cancelations arrive with heartbeats; the default would let them wait for most of the heartbeat time limit.
    // A heartbeat that is held back for most of a short time limit would come too late on a busy machine.
    maxHeartbeatThrottleInterval: Math.min(2000, (config.heartbeatSeconds * 1000) / 3),
    // How long the workflows of a worker that died wait for it before another one takes them. The default is 10 s.
    stickyQueueScheduleToStartTimeout: '3 seconds',
  } as const;
  const workers = [
    await Worker.create({
      ...shared,
      taskQueue: queue('runs'),
      maxConcurrentActivityTaskExecutions: config.runConcurrency,
    }),
    await Worker.create({
      ...shared,
      taskQueue: queue('checks'),
      // They wait for the servers under test most of the time.
      maxConcurrentActivityTaskExecutions: config.checkConcurrency,
      workflowThreadPoolSize: 1,
    }),
    await Worker.create({
      ...shared,
      taskQueue: queue('system'),
      maxConcurrentActivityTaskExecutions: 4,
      maxConcurrentWorkflowTaskExecutions: 4,
      workflowThreadPoolSize: 1,
    }),
  ];
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
  // Whoever stops the worker or waits for it gets the failure; nobody has to.
  done.catch(() => {});
  if (reconcile)
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
