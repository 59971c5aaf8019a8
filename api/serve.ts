import { createServer, type Server } from 'node:http';
import type { RequestHandler } from 'express';
import { readConfig } from '../infra/config/index.ts';
import { createLogger } from '../infra/logger/index.ts';
import type { Deps } from '../services/context/context.ts';
import { createDeps } from '../services/context/deps.ts';
import { createApp } from './app.ts';
import { listen } from './listen.ts';
import { startInstallationWatch } from './system/installation-watch.ts';

/** Runs the api process until it gets SIGINT or SIGTERM. */
export async function serve(mountDashboard: (deps: Deps, server: Server) => Promise<RequestHandler>): Promise<void> {
  const config = readConfig(process.env);
  const log = createLogger({ level: config.logLevel, process: 'api' });
  const deps = createDeps(config, log);
  const server = createServer();
  const app = await createApp(deps, await mountDashboard(deps, server));
  const { port, close } = await listen(app, { port: config.port, host: config.host, server });
  const stopWatch = startInstallationWatch(deps);
  log.info({ port, host: config.host, url: config.url }, 'listening');

  let isStopping = false;
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.on(signal, async () => {
      if (isStopping) return;
      isStopping = true;
      log.info({ signal }, 'stopping');
      await close();
      await stopWatch();
      await deps.close();
      process.exit(0);
    });
}
