import { execFile } from 'node:child_process';
import { copyFile, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createApiKey } from '../../../services/api-key/create.ts';
import { canRun, canRunPython, npmPackages, openApiGenerator, pythonEnvironment } from '../../real/environment.ts';
import { type Scenario, startScenario } from '../../support/scenario.ts';
import { type RestApi, startRest } from './client.ts';

const run = promisify(execFile);
const generatorRuns =
  (await canRunPython()) &&
  (await canRun('Java', ['java', '-version'])) &&
  (await canRun('Maven', ['mvn', '-version']));
const installMs = 500_000;
const clients = fileURLToPath(new URL('clients/', import.meta.url));

let scenario: Scenario;
let api: RestApi;
let key: string;
let folder: string;

beforeAll(async () => {
  scenario = await startScenario();
  api = await startRest(scenario.deps);
  key = (await createApiKey(scenario.ctx, { name: 'client', role: 'editor' })).key;
});
afterAll(async () => {
  await api?.close();
  await scenario?.close();
});
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'armature-client-'));
  await writeFile(join(folder, 'openapi.json'), await (await fetch(`${api.url}/openapi.json`)).text());
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const report = { status: 'pass', verdicts: ['pass'], listed: 1, commit: 'a1b2c3', refusal: 'run_not_found' };

describe('a client that is generated from the OpenAPI document creates a workflow, runs it and reads its verdict', () => {
  it('in TypeScript, by openapi-typescript and openapi-fetch', { timeout: installMs }, async () => {
    const packages = join(await npmPackages('npm-rest'), 'node_modules');
    await symlink(packages, join(folder, 'node_modules'));
    await writeFile(join(folder, 'package.json'), '{"type":"module"}');
    await copyFile(join(clients, 'client.ts.txt'), join(folder, 'client.ts'));
    const inFolder = (args: string[]) => run(process.execPath, args, { cwd: folder });
    // Members with a default may be left out of requests.
    const generate = ['openapi.json', '--default-non-nullable=false', '-o', 'api.d.ts'];
    await inFolder([join(packages, 'openapi-typescript/bin/cli.js'), ...generate]);
    const types = fileURLToPath(new URL('../../../node_modules/@types', import.meta.url));
    const strict = [
      '--noEmit',
      '--strict',
      '--module',
      'nodenext',
      '--target',
      'es2023',
      '--allowImportingTsExtensions',
    ];
    await inFolder([
      join(packages, 'typescript/bin/tsc'),
      ...strict,
      '--types',
      'node',
      '--typeRoots',
      types,
      'client.ts',
    ]).catch(({ stdout }) => expect(stdout).toBe(''));
    const { stdout } = await inFolder(['client.ts', api.url, key, scenario.serverId]);
    expect(JSON.parse(stdout)).toEqual(report);
  });

  it.runIf(generatorRuns)('in Python, by openapi-generator', { timeout: installMs }, async () => {
    const args = ['generate', '-i', join(folder, 'openapi.json'), '-g', 'python', '-o', folder];
    const only = ['--package-name', 'armature_client', '--global-property', 'apiTests=false,modelTests=false'];
    await run('java', ['-jar', await openApiGenerator(), ...args, ...only], { maxBuffer: 64 * 1024 * 1024 });
    const program = [join(clients, 'client.py'), api.url, key, scenario.serverId];
    const { stdout } = await run(await pythonEnvironment('rest'), program, {
      env: { ...process.env, PYTHONPATH: folder },
    });
    expect(JSON.parse(stdout)).toEqual(report);
  });
});
