import { type ChildProcess, spawn } from 'node:child_process';
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { Client as Postgres } from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startPostgres } from '../../../scripts/embedded/postgres.ts';
import { findTemporal } from '../../../scripts/embedded/temporal-cli.ts';
import { collectOutput, waitForExit } from '../../../scripts/process.ts';
import { findPorts, portVariables } from '../../../scripts/temporal/ports.ts';
import { temporalPrograms, temporalServerVersion } from '../../../scripts/temporal/programs.ts';
import { canRunGo } from '../../real/environment.ts';
import { fileOf, interpolate, services, versions } from './files.ts';

describe.skipIf(!(await canRunGo()))('the services of Temporal in Compose', () => {
  const log = (line: string) => console.log(line);
  const stops: (() => Promise<unknown>)[] = [];
  let folder: string;
  let ports: readonly number[];
  let address: string;
  let postgresUrl: string;
  let server: ReturnType<typeof start>;
  /** What containers have that this machine may not have, or has with other addresses. */
  let local: Record<string, string>;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'armature-compose-temporal-'));
    stops.push(() => rm(folder, { recursive: true, force: true }));
    await chmod(folder, 0o711);
    const postgres = await startPostgres({ dir: join(folder, 'postgres'), port: 0 });
    stops.push(() => postgres.stop());
    postgresUrl = postgres.url;
    ports = await findPorts();
    address = `127.0.0.1:${ports[0]}`;
    const programs = [await temporalPrograms({ log }), dirname(await findTemporal({ log })), join(folder, 'bin')];
    await writePrograms();
    local = {
      PATH: [...programs, process.env.PATH].join(delimiter),
      HOME: folder,
      WGETRC: join(folder, 'wgetrc'),
      SQL_HOST: '127.0.0.1',
      SQL_PORT: String(postgres.port),
      SQL_USER: 'armature',
      ...Object.fromEntries(portVariables.map((name, index) => [name, String(ports[index])])),
      TEMPORAL_BIND: '127.0.0.1',
      TEMPORAL_RUN: folder,
      TEMPORAL_CONFIG: dirname(fileOf('/etc/temporal/armature/start.sh')),
      TEMPORAL_DYNAMIC_CONFIG: fileOf('/etc/temporal/armature/dynamic.yaml'),
      TEMPORAL_ADDRESS: address,
    };
  }, 900_000);

  afterAll(async () => {
    for (const stop of stops.reverse()) await stop();
  });

  /** Busybox has `nc`, and a `wget` that tries once. */
  async function writePrograms(): Promise<void> {
    await mkdir(join(folder, 'bin'));
    const script = `#!${process.execPath}
require('node:net').connect(process.argv.at(-1), process.argv.at(-2))
  .on('connect', () => process.exit(0)).on('error', () => process.exit(1));
`;
    await writeFile(join(folder, 'bin/nc'), script, { mode: 0o755 });
    await writeFile(join(folder, 'wgetrc'), 'tries = 1\n');
  }

  function run(program: string, name: string, more: Record<string, string> = {}) {
    const { environment } = services.get(name) ?? { environment: {} };
    const password = new URL(postgresUrl).password;
    const own = Object.entries(environment).map(([key, value]) => [
      key,
      interpolate(String(value), { TEMPORAL_POSTGRES_PASSWORD: password }),
    ]);
    const child: ChildProcess = spawn(fileOf(program), {
      env: { NODE_ENV: 'test', ...Object.fromEntries(own), ...local, ...more },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const exit = waitForExit(child);
    stops.push(async () => {
      child.kill('SIGKILL');
      await exit;
    });
    const streams = [child.stdout, child.stderr].filter((stream) => stream !== null);
    return { child, output: collectOutput(...streams), exit };
  }
  const start = (name: string, more: Record<string, string> = {}) =>
    run(services.get(name)?.entrypoint?.[0] ?? '', name, more);
  const check = (more: Record<string, string> = {}) =>
    run(services.get('temporal')?.healthcheck?.test[1] ?? '', 'temporal', more).exit;

  it('set up both databases, also the second time', async () => {
    for (const time of ['first', 'second']) {
      const { exit, output } = start('temporal-schema');
      expect(await exit, `${time}: ${output()}`).toBe(0);
    }
  });

  it('the server waits for Postgres, and is healthy once it answers', async () => {
    const early = start('temporal', { SQL_PORT: '1' });
    await expect.poll(early.output).toContain('Waiting for Postgres at 127.0.0.1:1 ...');
    // Waiting is not hanging.
    for (let time = 1; time <= 13; time += 1) expect(await check()).toBe(1);
    expect(early.child.exitCode).toBe(null);
    early.child.kill('SIGTERM');
    await early.exit;

    server = start('temporal');
    const gone = server.exit.then((code) => Promise.reject(new Error(`it ended with ${code}:\n${server.output()}`)));
    const url = `http://127.0.0.1:${local.TEMPORAL_HTTP_PORT}/api/v1/system-info`;
    const isUp = () =>
      fetch(url).then(
        ({ ok }) => ok,
        () => false,
      );
    await Promise.race([expect.poll(isUp).toBe(true), gone]);
    gone.catch(() => {});
    expect(await check(), server.output()).toBe(0);
  });

  it('the namespace is there, also the second time', async () => {
    for (const time of ['first', 'second']) {
      const { exit, output } = start('temporal-namespace');
      expect(await exit, `${time}: ${output()}`).toBe(0);
    }
  });

  it('the server is the one that is built, with 512 shards on Postgres, in few enough connections', async () => {
    const connection = await Connection.connect({ address });
    const info = await new Client({ connection }).workflowService.getClusterInfo({});
    await connection.close();
    expect(info).toMatchObject({
      serverVersion: temporalServerVersion,
      historyShardCount: 512,
      persistenceStore: 'postgres12',
      visibilityStore: 'postgres12',
    });
    console.log(`Tested with Temporal ${info.serverVersion}; Compose runs ${versions.get('TEMPORAL_VERSION')}.`);
    const client = new Postgres({ connectionString: postgresUrl });
    await client.connect();
    const { rows } = await client.query(
      "SELECT count(*)::int AS n FROM pg_stat_activity WHERE datname LIKE 'temporal%'",
    );
    await client.end();
    expect(rows[0]?.n).toBeLessThanOrEqual(160);
  });

  it('its HTTP API answers under its own address alone', async () => {
    const url = `http://127.0.0.1:${local.TEMPORAL_HTTP_PORT}/api/v1/namespaces`;
    expect((await fetch(url)).status).toBe(200);
    const status = await new Promise((resolve, reject) => {
      request(url, { headers: { host: 'evil.example' } }, (response) => resolve(response.resume().statusCode))
        .on('error', reject)
        .end();
    });
    expect(status).toBe(403);
  });

  it('a server that does not answer for long is ended', async () => {
    const deaf = { TEMPORAL_HTTP_PORT: '1' };
    for (let time = 1; time < 12; time += 1) expect(await check(deaf)).toBe(1);
    // One good answer, and it counts anew.
    expect(await check()).toBe(0);
    for (let time = 1; time < 12; time += 1) expect(await check(deaf)).toBe(1);
    expect(server.child.exitCode).toBe(null);
    expect(await check(deaf)).toBe(1);
    expect(await server.exit).toBe('SIGKILL');
  });
});
