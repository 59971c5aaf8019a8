import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createDocument } from '../../../api/rest/openapi.ts';
import { routes } from '../../../api/rest/registry.ts';
import { type ShopServer, startShopServer } from '../../../examples/shop-server/index.ts';
import { createApiKey } from '../../../services/api-key/create.ts';
import { canRunPython, npmPackages, pythonEnvironment } from '../../real/environment.ts';
import { type TestDeps, testDeps } from '../../support/setup/context.ts';
import { makeWorld } from '../registry/world.ts';
import { type RestApi, startRest } from './client.ts';

const run = promisify(execFile);
const pythonRuns = await canRunPython();
const installMs = 300_000;

let folder: string;
let file: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'armature-rest-'));
  file = join(folder, 'openapi.json');
  await writeFile(file, JSON.stringify(createDocument({ routes, url: 'http://127.0.0.1:3000/api/armature/v1' })));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe('the OpenAPI document is valid', () => {
  it('for @readme/openapi-parser', { timeout: installMs }, async () => {
    const script = `const { validate } = await import('@readme/openapi-parser');
      const result = await validate(process.argv[1]);
      console.log(JSON.stringify({ valid: result.valid, errors: result.errors, warnings: result.warnings }));`;
    const options = { cwd: await npmPackages('npm-rest'), maxBuffer: 64 * 1024 * 1024 };
    const { stdout } = await run(process.execPath, ['--input-type=module', '-e', script, file], options);
    expect(JSON.parse(stdout)).toMatchObject({ valid: true, warnings: [] });
  });

  it.runIf(pythonRuns)('for openapi-spec-validator', { timeout: installMs }, async () => {
    const { stdout } = await run(await pythonEnvironment('rest'), ['-m', 'openapi_spec_validator', file]);
    expect(stdout).toContain('OK');
  });
});

describe.runIf(pythonRuns)('the running API', () => {
  let test: TestDeps;
  let shop: ShopServer;
  let api: RestApi;
  beforeAll(async () => {
    test = await testDeps({ env: { ARMATURE_KEY_REQUESTS_PER_MINUTE: '1000000' } });
    shop = await startShopServer();
    await test.deps.temporal.ensureSearchAttributes();
    api = await startRest(test.deps);
  });
  afterAll(async () => {
    await api?.close();
    await shop?.close();
    await test?.close();
  });

  it('answers what its document says to requests that schemathesis makes from it', { timeout: installMs }, async () => {
    const python = await pythonEnvironment('rest');
    const world = await makeWorld(test.deps, { shopUrl: shop.url });
    const { key } = await createApiKey(world.org.as('owner'), { name: 'schemathesis' });
    await writeFile(join(folder, 'schemathesis.toml'), configure(Object.entries(world)));
    const checks = [
      'not_a_server_error',
      'status_code_conformance',
      'content_type_conformance',
      'response_headers_conformance',
      'response_schema_conformance',
      'ignored_auth',
      'unsupported_method',
    ];
    // One worker: with threads, Python 3.11 loses count of its own recursion (CPython issue 106905).
    const args = ['run', `${api.url}/openapi.json`, '--checks', checks.join(','), '--seed', '1', '--workers', '1'];
    const bounds = ['--phases', 'fuzzing', '--max-examples', '5', '--no-shrink', '--continue-on-failure'];
    const { stdout, ...exit } = await run(
      python,
      ['-m', 'schemathesis.cli', ...args, ...bounds, '-H', `Authorization: Bearer ${key}`],
      { cwd: folder, timeout: 240_000, maxBuffer: 64 * 1024 * 1024 },
    ).catch((error) => error);
    expect('code' in exit ? exit.code : 0, `${stdout}`).toBe(0);
  });
});

/** Paths are filled with ids of the workspace; else nearly every request would find nothing. */
const configure = (world: [string, unknown][]): string =>
  [
    '[parameters]',
    ...world.flatMap(([name, id]) =>
      typeof id === 'string' && name.endsWith('Id') ? [`"path.${name}" = "${id}"`] : [],
    ),
  ].join('\n');
