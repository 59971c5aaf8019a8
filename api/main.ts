/** `npm run api`: serves the dashboard, the MCP endpoint and webhooks. Stateless: any number of processes can run. */
import { readConfig } from '../infra/config/index.ts';
import { createLogger } from '../infra/logger/index.ts';
import { createDeps } from '../services/context/deps.ts';
import { createApp } from './app.ts';
import { listen } from './listen.ts';
import { startInstallationWatch } from './system/installation-watch.ts';

const config = readConfig(process.env);
const log = createLogger({ level: config.logLevel, process: 'api' });
const deps = createDeps(config, log);
const server = await listen(await createApp(deps), { port: config.port, host: config.host });
const stopWatch = startInstallationWatch(deps);
log.info({ port: server.port, host: config.host, url: config.url }, 'listening');

let isStopping = false;
for (const signal of ['SIGINT', 'SIGTERM'] as const)
  process.on(signal, async () => {
    if (isStopping) return;
    isStopping = true;
    log.info({ signal }, 'stopping');
    await server.close();
    await stopWatch();
    await deps.close();
    process.exit(0);
  });
