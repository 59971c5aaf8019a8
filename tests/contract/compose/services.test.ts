import { type ChildProcess, spawn } from 'node:child_process';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { readConfig } from '../../../infra/config/index.ts';
import { createTemporal } from '../../../infra/temporal/index.ts';
import { buildDashboard } from '../../../scripts/build.ts';
import { type Postgres, startPostgres } from '../../../scripts/embedded/postgres.ts';
import { findFreePort } from '../../../scripts/port.ts';
import { collectOutput, waitForExit } from '../../../scripts/process.ts';
import { freshInstallation, testTemporal } from '../../support/setup/temporal.ts';
import { asked, documented, interpolate, services } from './files.ts';

describe('the services of Compose', () => {
  let folder: string;
  let postgres: Postgres;
  let port: number;
  let env: Record<string, string>;
  const children: ChildProcess[] = [];

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'armature-compose-'));
    await chmod(folder, 0o711);
    postgres = await startPostgres({ dir: join(folder, 'postgres'), port: 0 });
    // The image makes one database and one role.
    const client = new Client({ connectionString: postgres.url });
    await client.connect();
    await client.query('DROP DATABASE armature_secrets');
    await client.query('DROP ROLE armature_secrets');
    await client.end();
    port = await findFreePort();
    const { password } = new URL(postgres.url);
    env = Object.fromEntries(asked.map((name) => [name, documented.get(name) || `chosen-for-${name.toLowerCase()}`]));
    env.POSTGRES_PASSWORD = password;
    env.ARMATURE_SECRETS_PREVIOUS_KEYS = '';
    env.ARMATURE_SECRETS_KEY = Buffer.alloc(32, 7).toString('base64');
    env.ARMATURE_AUTH_SECRET = Buffer.alloc(32, 8).toString('base64');
    for (const name of ['MODELS', 'ALLOWED_TARGETS', 'OWN_PORTS', 'TRUSTED_PROXIES', 'INSTALLATION', 'QUEUES'])
      env[`ARMATURE_${name}`] = '';
    for (const name of ['MAX_CONCURRENT_RUNS', 'MONTHLY_TOKENS', 'MONTHLY_COST']) env[`ARMATURE_${name}`] = '';
    for (const name of ['API_KEY', 'TLS_CA', 'TLS_CERT', 'TLS_KEY', 'TLS_SERVER_NAME']) env[`TEMPORAL_${name}`] = '';
    for (const name of ['ISSUER', 'CLIENT_ID', 'CLIENT_SECRET', 'ALLOWED_DOMAINS']) env[`ARMATURE_OIDC_${name}`] = '';
    env.OTEL_EXPORTER_OTLP_ENDPOINT = '';
    env.ARMATURE_PRODUCT_MCP_DOMAIN = 'mcp.example.com';
  });

  afterAll(async () => {
    for (const child of children) child.kill('SIGKILL');
    await postgres.stop();
    await rm(folder, { recursive: true, force: true });
  });

  /** A service's environment, with this machine's addresses in the place of the network's names. */
  function environmentOf(name: string): Record<string, string> {
    const { environment } = services.get(name) ?? { environment: {} };
    const there = Object.entries(environment).map(([key, value]) => [
      key,
      interpolate(String(value), env).replace('postgres:5432', `127.0.0.1:${postgres.port}`),
    ]);
    return {
      ...Object.fromEntries(there),
      HOST: '127.0.0.1',
      PORT: String(port),
      TEMPORAL_ADDRESS: testTemporal().address,
      ARMATURE_INSTALLATION: installation,
    };
  }
  const installation = freshInstallation();

  function run(words: string[], environment: Record<string, string>) {
    const [name = '', ...rest] = words;
    // In the image, `node` is the base image's; here it is the one that runs the tests.
    const child = spawn(name === 'node' ? process.execPath : name, rest, {
      env: { NODE_ENV: 'production', PATH: process.env.PATH, ...environment },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    children.push(child);
    const output = collectOutput(child.stdout, child.stderr);
    const exit = waitForExit(child);
    return { child, output, exit };
  }
  const start = (name: string) => run(services.get(name)?.command ?? [], environmentOf(name));

  it('the environment of every service is a whole configuration', () => {
    for (const name of ['api', 'worker'])
      expect(() => readConfig({ NODE_ENV: 'production', ...environmentOf(name) }), name).not.toThrow();
  });

  it('migrate makes the databases and ends, also the second time', async () => {
    const first = start('migrate');
    expect(await first.exit, first.output()).toBe(0);
    expect(first.output()).toContain('Applied ');
    const second = start('migrate');
    expect(await second.exit, second.output()).toBe(0);
    expect(second.output()).toContain('up to date');
  });

  it('worker takes runs, and ends when it is asked to', async () => {
    const { address, namespace } = testTemporal();
    const temporal = createTemporal({ address, namespace, installation });
    const { child, exit, output } = start('worker');
    const gone = exit.then((code) => Promise.reject(new Error(`the worker ended with ${code}:\n${output()}`)));
    const polling = expect.poll(() => temporal.listUnhostedQueues(), { timeout: 60_000, interval: 250 }).toEqual([]);
    await Promise.race([polling, gone]);
    gone.catch(() => {});
    child.kill('SIGTERM');
    expect(await exit, output()).toBe(0);
    await temporal.close();
  }, 90_000);

  it('api gets healthy, misses nothing but a worker, and ends when it is asked to', async () => {
    await buildDashboard();
    // `[CMD, program, …]`, with this test's port in the place of the container's.
    const [kind, ...check] = services.get('api')?.healthcheck?.test ?? [];
    expect(kind).toBe('CMD');
    const healthy = () =>
      run(
        check.map((word) => word.replace(':3000/', `:${port}/`)),
        {},
      ).exit;
    expect(await healthy(), 'before it listens').toBe(1);

    const { child, exit, output } = start('api');
    const gone = exit.then((code) => Promise.reject(new Error(`the api ended with ${code}:\n${output()}`)));
    await Promise.race([expect.poll(healthy, { timeout: 30_000, interval: 250 }).toBe(0), gone]);
    gone.catch(() => {});
    const response = await fetch(`http://127.0.0.1:${port}/readyz`);
    const missing = z.object({ missing: z.array(z.object({ part: z.string() })) }).parse(await response.json());
    // The worker that ended a moment ago may still count.
    expect(missing.missing.filter(({ part }) => part !== 'worker')).toEqual([]);
    child.kill('SIGTERM');
    expect(await exit, output()).toBe(0);
  }, 180_000);
});
