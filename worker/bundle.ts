import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, rename, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundleWorkflowCode, type WorkflowBundle } from '@temporalio/worker';
import type { Logger } from '../infra/logger/index.ts';

const root = fileURLToPath(new URL('..', import.meta.url));

/**
 * The workflows as one script. Bundling takes seconds, so the result is cached in `build/` under a hash of its inputs.
 * @param options.traced with the interceptors that connect traces
 */
export async function workflowBundle(log: Logger, { traced }: { traced: boolean }): Promise<WorkflowBundle> {
  const file = join(root, 'build', `${traced ? 'traced-' : ''}workflows-${await inputsHash()}.js`);
  try {
    return { code: await readFile(file, 'utf8') };
  } catch (error) {
    if (!isMissing(error)) throw error;
  }
  const { code } = await bundleWorkflowCode({
    workflowsPath: join(root, 'workflows', 'index.ts'),
    workflowInterceptorModules: traced ? [join(root, 'workflows', 'tracing.ts')] : [],
    logger: quiet(log),
  });
  try {
    await mkdir(join(root, 'build'), { recursive: true });
    // Renamed once it is complete: another worker may look for it at the same time.
    const unfinished = `${file}.${process.pid}`;
    await writeFile(unfinished, code);
    await rename(unfinished, file);
  } catch (error) {
    log.warn({ err: error }, 'the bundled workflows could not be cached, so every start bundles them again');
  }
  return { code };
}

async function inputsHash(): Promise<string> {
  const workflows = (await readdir(join(root, 'workflows'))).sort().map((name) => join('workflows', name));
  const hash = createHash('sha256');
  for (const name of [...workflows, join('domain', 'run', 'ids.ts'), join('domain', 'trace', 'carrier.ts')])
    hash.update(name).update(await readFile(join(root, name)));
  hash.update(await readFile(createRequire(import.meta.url).resolve('@temporalio/workflow/package.json')));
  return hash.digest('hex').slice(0, 16);
}

const isMissing = (error: unknown): boolean => error instanceof Error && 'code' in error && error.code === 'ENOENT';

function quiet(log: Logger) {
  return {
    log: () => {},
    trace: () => {},
    debug: () => {},
    info: () => {},
    warn: (message: string) => log.warn(message),
    error: (message: string) => log.error(message),
  };
}
