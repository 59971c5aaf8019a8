import { spawn } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import { collectOutput, waitForExit } from './process.ts';

/**
 * Builds programs with Go.
 * @param options.name what is built, for the progress.
 * @param options.packages import paths of the programs, each with its version.
 * @param options.folder where they are put, under the last part of their paths.
 */
export async function goInstall(options: {
  name: string;
  packages: readonly string[];
  folder: string;
  log: (line: string) => void;
  env?: NodeJS.ProcessEnv;
}): Promise<void> {
  const { name, packages, folder, log, env = process.env } = options;
  await mkdir(folder, { recursive: true });
  log(`Building ${name} with Go (a few minutes, once) …`);
  const startedAt = Date.now();
  const progress = setInterval(() => log(`Still building ${name} (${formatElapsed(startedAt)}) …`), 20_000);
  try {
    const child = spawn('go', ['install', ...packages], {
      env: { ...env, GOBIN: folder },
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: 20 * 60_000,
    });
    const output = collectOutput(child.stdout, child.stderr);
    const code = await waitForExit(child);
    if (code !== 0) throw new Error(`failed with ${code}: ${output().slice(-2000)}`);
  } finally {
    clearInterval(progress);
  }
}

export const formatElapsed = (since: number) => `${Math.round((Date.now() - since) / 1000)} s`;
