import { execFile } from 'node:child_process';
import { rename } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { cachedFolder } from '../cached-folder.ts';
import { goInstall } from '../go-install.ts';

const run = promisify(execFile);

/** The Temporal server that tests run on Postgres: later ones need a later Go than machines have that run the tests. */
export const temporalServerVersion = '1.29.1';
const goModule = 'go.temporal.io/server';

/**
 * Builds Temporal's server and the tool for its schemas with Go 1.25 or later, once per machine (about three minutes).
 * @returns the folder of `temporal-server` and `temporal-sql-tool`.
 */
export async function temporalPrograms(options: { log: (line: string) => void }): Promise<string> {
  return cachedFolder(`temporal-server-${temporalServerVersion}`, [temporalServerVersion], async (unfinished) => {
    await goInstall({
      name: `Temporal's server ${temporalServerVersion}`,
      packages: ['cmd/server', 'cmd/tools/sql'].map((path) => `${goModule}/${path}@v${temporalServerVersion}`),
      folder: unfinished,
      log: options.log,
    });
    await rename(join(unfinished, 'server'), join(unfinished, 'temporal-server'));
    await rename(join(unfinished, 'sql'), join(unfinished, 'temporal-sql-tool'));
    await run(join(unfinished, 'temporal-server'), ['--version'], { timeout: 30_000 });
  });
}
