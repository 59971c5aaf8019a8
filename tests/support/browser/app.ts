import { createApp } from '../../../api/app.ts';
import { listen } from '../../../api/listen.ts';
import { createAuth } from '../../../infra/auth/index.ts';
import { buildDashboard } from '../../../scripts/build.ts';
import { findFreePort } from '../../../scripts/port.ts';
import type { Deps } from '../../../services/context/context.ts';
import { type TestDeps, type TestDepsOptions, testDeps } from '../setup/context.ts';

export type TestApp = { deps: Deps; database: TestDeps['database']; url: string; close(): Promise<void> };

/** The api process's app on a free port of this process, over databases of its own. */
export async function startApp(options: TestDepsOptions = {}): Promise<TestApp> {
  await buildDashboard();
  const { deps, database, close } = await testDeps(options);
  // The app has to know its own address, which is known when it listens: so the port comes first.
  const port = await findFreePort();
  const url = `http://127.0.0.1:${port}`;
  const config = { ...deps.config, url, port };
  const own: Deps = { ...deps, config, auth: createAuth({ config, db: deps.db }) };
  const server = await listen(await createApp(own), { port, host: '127.0.0.1' });
  return {
    deps: own,
    database,
    url,
    async close() {
      await server.close();
      await close();
    },
  };
}
