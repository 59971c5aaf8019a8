import { spawn } from 'node:child_process';
import { cp, link, mkdir, mkdtemp, readdir, readFile, readlink, realpath, rm, symlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { z } from 'zod';
import { findFreePort } from '../../scripts/port.ts';
import { collectOutput, waitForExit } from '../../scripts/process.ts';
import { legacy } from '../contract/mcp/endpoint.ts';

/** What a clone has, and an installation adds; nothing that a start makes. */
const notCopied = new Set(['.git', '.armature', 'build', 'node_modules']);

let parent: string;
let checkout: string;
const ends: (() => Promise<unknown>)[] = [];

beforeEach(async () => {
  // Beside node_modules, so that those can be hard links; mkdtemp gives it mode 0700.
  await mkdir('.armature', { recursive: true });
  parent = await mkdtemp(join(process.cwd(), '.armature/closed-'));
  checkout = join(parent, 'armature');
  await mkdir(checkout);
  for (const name of await readdir('.'))
    if (!notCopied.has(name)) await cp(name, join(checkout, name), { recursive: true, preserveTimestamps: true });
  await linkFolder('node_modules', join(checkout, 'node_modules'));
}, 120_000);

afterEach(async () => {
  for (const end of ends.splice(0)) await end();
  const data = await realpath(join(checkout, '.armature/postgres/data'));
  await rm(parent, { recursive: true, force: true });
  if (!data.startsWith(parent)) await rm(dirname(data), { recursive: true, force: true });
});

async function linkFolder(from: string, to: string): Promise<void> {
  await mkdir(to);
  for (const entry of await readdir(from, { withFileTypes: true })) {
    const [source, target] = [join(from, entry.name), join(to, entry.name)];
    if (entry.isDirectory()) await linkFolder(source, target);
    else if (entry.isSymbolicLink()) await symlink(await readlink(source), target);
    else await link(source, target);
  }
}

const portVariables = [
  'PORT',
  'ARMATURE_TEMPORAL_PORT',
  'ARMATURE_TEMPORAL_UI_PORT',
  'ARMATURE_POSTGRES_PORT',
  'ARMATURE_EXAMPLE_PORT',
] as const;

/** `npm start` until its banner. @returns what ends it, as Ctrl-C does. */
async function npmStart(ports: Record<string, string>): Promise<() => Promise<unknown>> {
  const child = spawn('npm', ['start'], {
    cwd: checkout,
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
  const gone = exit.then((code) => Promise.reject(new Error(`npm start ended with ${code}:\n${output()}`)));
  gone.catch(() => {});
  await Promise.race([expect.poll(output, { timeout: 240_000, interval: 250 }).toContain('Armature is ready'), gone]);
  return end;
}

it('npm start works in a folder that only its owner may enter, also for root, and finds its data again', async () => {
  const ports: Record<string, string> = {};
  for (const name of portVariables) ports[name] = String(await findFreePort());

  const end = await npmStart(ports);
  await end();
  await npmStart(ports);
  const { apiKey } = z
    .object({ apiKey: z.string() })
    .parse(JSON.parse(await readFile(join(checkout, '.armature/credentials.json'), 'utf8')));
  expect((await legacy(`http://127.0.0.1:${ports.PORT}/api/mcp`, apiKey, 'ping')).status).toBe(200);
});
