import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type TestDeps, testDeps, testOrg } from '../../support/setup/context.ts';
import { type Endpoint, keyOf, startEndpoint } from './endpoint.ts';

const run = promisify(execFile);
const version = '2.3.0';
const script = fileURLToPath(new URL('client.py', import.meta.url));

/** The Python of a virtual environment that has the client, made once a machine. */
async function pythonWithClient(): Promise<string> {
  const cache = process.env.XDG_CACHE_HOME || join(process.env.HOME || homedir(), '.cache');
  const folder = join(cache, 'armature', `python-mcp-${version}`);
  const python = join(folder, 'bin/python');
  if (existsSync(python)) return python;
  // Made aside and moved when it is whole: one that was cut off is not taken for it. Python finds its packages from
  // where it is.
  const making = `${folder}.${process.pid}`;
  await mkdir(join(cache, 'armature'), { recursive: true });
  try {
    await run('python3', ['-m', 'venv', making]);
    await run(join(making, 'bin/python'), ['-m', 'pip', 'install', '--quiet', `mcp==${version}`], { timeout: 240_000 });
    await rename(making, folder);
  } finally {
    await rm(making, { recursive: true, force: true });
  }
  return python;
}

async function hasPython(): Promise<boolean> {
  const check = ['-c', 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 10))'];
  return run('python3', check).then(
    () => true,
    () => false,
  );
}

const required = process.env.ARMATURE_REQUIRE_PYTHON === 'true';
const possible = required || (await hasPython());

let scenario: TestDeps;
let endpoint: Endpoint;
let key: string;
let python: string;

beforeAll(async () => {
  if (!possible) return;
  python = await pythonWithClient();
  scenario = await testDeps();
  endpoint = await startEndpoint(scenario.deps);
  key = await keyOf(await testOrg(scenario.deps), 'viewer');
}, 300_000);
afterAll(async () => {
  await endpoint?.close();
  await scenario?.close();
});

describe.skipIf(!possible)(`Python's client, mcp ${version} (needs Python 3.10 or later)`, () => {
  it.each([
    ['auto', '2026-07-28'],
    ['legacy', '2025-11-25'],
  ])('works in mode %s, on revision %s', async (mode, protocol) => {
    const { stdout } = await run(python, [script, endpoint.url, key, mode], { timeout: 50_000 });
    expect(JSON.parse(stdout)).toMatchObject({
      protocol,
      tools: expect.arrayContaining(['list_workflows']),
      answer: { workflows: [], nextCursor: null },
      resource: { models: expect.any(Array) },
      refusal: { code: -32602, data: { code: 'validation_failed', details: { fieldErrors: [{ field: 'limit' }] } } },
    });
  });
});
