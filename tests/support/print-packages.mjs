// For `node --import`: prints, when the process ends, each package of OpenTelemetry that it has loaded.
import { registerHooks } from 'node:module';
import { isMainThread } from 'node:worker_threads';

const loaded = new Set();
registerHooks({
  load(url, context, nextLoad) {
    const [, name] = /\/node_modules\/(@opentelemetry\/[^/]+)\//.exec(url) ?? [];
    if (name) loaded.add(name);
    return nextLoad(url, context);
  },
});
if (isMainThread) process.on('exit', () => console.log(`loaded: ${[...loaded].sort().join(' ')};`));
