import { createServer, type Server } from 'node:http';
import type { RequestHandler } from 'express';
import { announceSetupCode } from '../services/account/setup-code.ts';
import type { Deps } from '../services/context/context.ts';
import { createProcess } from '../services/context/deps.ts';
import { createApp } from './app.ts';
import { listen } from './listen.ts';
import { startInstallationWatch } from './system/installation-watch.ts';
import { warnOfUntrustedProxies } from './visit.ts';

/** Runs the api process until it gets SIGINT or SIGTERM. */
export async function serve(mountDashboard: (deps: Deps, server: Server) => Promise<RequestHandler>): Promise<void> {
  const deps = await createProcess('api');
  const { config, log } = deps;
  const server = createServer();
  const app = await createApp(deps, await mountDashboard(deps, server));
  const { port, close } = await listen(app, { port: config.port, host: config.host, server });
  const stopWatch = startInstallationWatch(deps);
  warnOfUntrustedProxies(config, log);
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

  log.info({ port, host: config.host, url: config.url }, 'listening');
  await announceSetupCode(deps).catch((error: unknown) =>
    log.error({ err: error }, 'the setup code of the first account is not known: start the api again to see it'),
  );
}
