import { DefaultLogger, makeTelemetryFilterString, Runtime } from '@temporalio/worker';
import { createProcess } from '../services/context/deps.ts';
import { startWorker } from './start.ts';

const deps = await createProcess('worker');
const { config, log } = deps;
Runtime.install({
  logger: new DefaultLogger('WARN', ({ level, message, meta }) => {
    // activities/ logs each failure with its details.
    if (message === 'Activity failed') return;
    if (level === 'ERROR') log.error({ meta }, message);
    else log.warn({ meta }, message);
  }),
  telemetryOptions: { logging: { forward: {}, filter: makeTelemetryFilterString({ core: 'WARN' }) } },
  // Handled below, to close the database connections too.
  shutdownSignals: [],
});

const leaving = new AbortController();
for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => leaving.abort());

try {
  const worker = await startWorker(deps, config, { signal: leaving.signal });
  log.info('the worker is ready');
  leaving.signal.addEventListener('abort', () => void worker.stop(), { once: true });
  if (leaving.signal.aborted) void worker.stop();
  await worker.done;
} catch (error) {
  if (!leaving.signal.aborted) {
    log.fatal({ err: error }, 'the worker failed');
    process.exitCode = 1;
  }
} finally {
  await deps.close();
}
