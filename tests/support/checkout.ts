import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { cp, link, mkdir, mkdtemp, readdir, readFile, readlink, realpath, rm, symlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { expect } from 'vitest';
import { z } from 'zod';
import { findFreePort } from '../../scripts/port.ts';
import { collectOutput, waitForExit } from '../../scripts/process.ts';

/** What a start adds to a clone. */
const generated = new Set(['.git', '.armature', 'build', 'node_modules']);

export type Checkout = {
  folder: string;
  /** Free ports for everything that `npm start` runs, by variable. */
  ports: Record<string, string>;
  /** Runs `npm …` until it prints `text`. */
  npm(args: string[], text: string): Promise<{ output(): string; end(): Promise<unknown> }>;
  /** Of the demo workspace. */
  credentials(): Promise<{ email: string; password: string; apiKey: string }>;
  remove(): Promise<void>;
};

/** A copy of the checkout with its packages, in a folder that only its owner may enter. */
export async function copyCheckout(): Promise<Checkout> {
  // Beside node_modules, so that those can be hard links; mkdtemp gives it mode 0700.
  await mkdir('.armature', { recursive: true });
  const parent = await mkdtemp(join(process.cwd(), '.armature/checkout-'));
  const folder = join(parent, 'armature');
  await mkdir(folder);
  for (const name of await readdir('.'))
    if (!generated.has(name)) await cp(name, join(folder, name), { recursive: true, preserveTimestamps: true });
  await linkFolder('node_modules', join(folder, 'node_modules'));

  const ports: Record<string, string> = {};
  for (const name of [
    'PORT',
    'ARMATURE_TEMPORAL_PORT',
    'ARMATURE_TEMPORAL_UI_PORT',
    'ARMATURE_POSTGRES_PORT',
    'ARMATURE_EXAMPLE_PORT',
  ])
    ports[name] = String(await findFreePort());

  const ends: (() => Promise<unknown>)[] = [];
  return {
    folder,
    ports,
    async npm(args, text) {
      const child = spawn('npm', args, {
        cwd: folder,
        env: { NODE_ENV: 'production', PATH: process.env.PATH, HOME: process.env.HOME, ...ports },
        detached: true,
        stdio: ['ignore', 'pipe', 'pipe'],
      });
      const output = collectOutput(child.stdout, child.stderr);
      const exit = waitForExit(child);
      const end = () => {
        const isRunning = child.exitCode === null && child.signalCode === null;
        if (child.pid && isRunning) process.kill(-child.pid, 'SIGINT');
        return exit;
      };
      ends.push(end);
      const gone = exit.then((code) =>
        Promise.reject(new Error(`npm ${args.join(' ')} ended with ${code}:\n${output()}`)),
      );
      gone.catch(() => {});
      await Promise.race([expect.poll(output, { timeout: 240_000, interval: 250 }).toContain(text), gone]);
      return { output, end };
    },
    async credentials() {
      const text = await readFile(join(folder, '.armature/credentials.json'), 'utf8');
      return z.object({ email: z.string(), password: z.string(), apiKey: z.string() }).parse(JSON.parse(text));
    },
    async remove() {
      for (const end of ends) await end();
      // Where its system user can't reach the folder, Postgres has its data elsewhere.
      const dataLink = join(folder, '.armature/postgres/data');
      const data = existsSync(dataLink) ? await realpath(dataLink) : parent;
      await rm(parent, { recursive: true, force: true });
      if (!data.startsWith(parent)) await rm(dirname(data), { recursive: true, force: true });
    },
  };
}

async function linkFolder(from: string, to: string): Promise<void> {
  await mkdir(to);
  for (const entry of await readdir(from, { withFileTypes: true })) {
    const [source, target] = [join(from, entry.name), join(to, entry.name)];
    if (entry.isDirectory()) await linkFolder(source, target);
    else if (entry.isSymbolicLink()) await symlink(await readlink(source), target);
    else await link(source, target);
  }
}
