import { DefaultLogger, makeTelemetryFilterString, Runtime } from '@temporalio/worker';

// Activities and replays fail on purpose here, and the worker would log each failure.
Runtime.install({
  logger: new DefaultLogger('ERROR'),
  telemetryOptions: { logging: { forward: {}, filter: makeTelemetryFilterString({ core: 'ERROR' }) } },
});
