import { createApp } from '../../../api/app.ts';
import { listen } from '../../../api/listen.ts';
import { buildDashboard } from '../../../scripts/build.ts';
import { findFreePort } from '../../../scripts/port.ts';
import type { Deps } from '../../../services/context/context.ts';
import { type TestDeps, type TestDepsOptions, testDeps } from '../setup/context.ts';

export type TestApp = { deps: Deps; database: TestDeps['database']; url: string; close(): Promise<void> };

/** The api process's app on a free port of this process, over databases of its own. */
export async function startApp(options: TestDepsOptions = {}): Promise<TestApp> {
  await buildDashboard();
  // The app has to know its own address, which is known when it listens: so the port comes first.
  const port = await findFreePort();
  const url = `http://127.0.0.1:${port}`;
  const { deps, database, close } = await testDeps({ ...options, env: { ...options.env, ARMATURE_URL: url } });
  const server = await listen(await createApp(deps), { port, host: '127.0.0.1' });
  return {
    deps,
    database,
    url,
    async close() {
      await server.close();
      await close();
    },
  };
}
