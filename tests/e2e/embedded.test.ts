import { spawn } from 'node:child_process';
import { chmod, mkdtemp, realpath, rm } from 'node:fs/promises';
import { get } from 'node:http';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { Connection, Client as TemporalClient } from '@temporalio/client';
import { Client } from 'pg';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { z } from 'zod';
import { startPostgres } from '../../scripts/embedded/postgres.ts';
import { startTemporal } from '../../scripts/embedded/temporal-server.ts';
import { findFreePort } from '../../scripts/port.ts';
import { collectOutput, isAlive, waitForExit } from '../../scripts/process.ts';

let folder: string;
const stops: (() => Promise<void>)[] = [];
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'armature-kept-'));
  await chmod(folder, 0o711);
});
afterEach(async () => {
  await Promise.all(stops.splice(0).map((stop) => stop()));
  await rm(folder, { recursive: true, force: true });
});

async function both() {
  const postgres = await startPostgres({ dir: join(folder, 'postgres'), port: 0 });
  stops.push(postgres.stop);
  const temporal = await startTemporal({ dir: join(folder, 'temporal'), port: 0, uiPort: null, log: () => {} });
  stops.push(temporal.stop);
  return { postgres, temporal };
}

/** A process that starts both servers, as `npm start` does, and says so. */
function starter() {
  const script = `
    const { startPostgres } = await import('./scripts/embedded/postgres.ts');
    const { startTemporal } = await import('./scripts/embedded/temporal-server.ts');
    const postgres = await startPostgres({ dir: ${JSON.stringify(join(folder, 'postgres'))}, port: 0 });
    const temporal = await startTemporal({ dir: ${JSON.stringify(join(folder, 'temporal'))}, port: 0, uiPort: null, log: () => {} });
    console.log(JSON.stringify({ url: postgres.url, address: temporal.address, pids: [postgres.pid, temporal.pid] }));`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], { stdio: ['ignore', 'pipe', 'pipe'] });
  return { child, exit: waitForExit(child), output: collectOutput(child.stdout), errors: collectOutput(child.stderr) };
}
const line = z.object({ url: z.string(), address: z.string(), pids: z.array(z.number()) });

it('what a killed process left running is ended by the next start, which finds all data', async () => {
  const { child, exit, output, errors } = starter();
  await expect.poll(() => output() || errors()).not.toBe('');
  expect(errors()).toBe('');
  const left = line.parse(JSON.parse(output()));
  const before = new Client({ connectionString: left.url });
  await before.connect();
  await before.query('CREATE TABLE kept AS SELECT 42 AS answer');
  await before.end();
  const connection = await Connection.connect({ address: left.address });
  await new TemporalClient({ connection }).workflow.start('none', { taskQueue: 'none', workflowId: 'kept' });
  await connection.close();

  await expect(both()).rejects.toThrow(`is in use by process ${child.pid}`);
  child.kill('SIGKILL');
  await exit;
  expect(left.pids.map(isAlive)).toEqual([true, true]);

  const { postgres, temporal } = await both();
  expect(left.pids.map(isAlive)).toEqual([false, false]);
  const after = new Client({ connectionString: postgres.url });
  await after.connect();
  expect((await after.query('SELECT answer FROM kept')).rows).toEqual([{ answer: 42 }]);
  await after.end();
  const again = await Connection.connect({ address: temporal.address });
  const found = await new TemporalClient({ connection: again }).workflow.getHandle('kept').describe();
  expect(found.status.name).toBe('RUNNING');
  await again.close();
}, 60_000);

it("Temporal's HTTP API answers on the given port, and only by the address of this machine", async () => {
  const httpPort = await findFreePort();
  const temporal = await startTemporal({ dir: null, port: 0, uiPort: null, httpPort, log: () => {} });
  stops.push(temporal.stop);
  const ask = (host: string) =>
    new Promise<number | undefined>((resolve, reject) => {
      const path = '/api/v1/namespaces/default';
      get({ host: '127.0.0.1', port: httpPort, path, headers: { host } }, (response) => {
        response.resume();
        resolve(response.statusCode);
      }).on('error', reject);
    });
  await expect.poll(() => ask(`127.0.0.1:${httpPort}`)).toBe(200);
  expect(await ask(`evil.example:${httpPort}`)).toBe(403);
}, 60_000);

it('a server that dies is reported with its last words, one that is stopped is not', async () => {
  const temporal = await startTemporal({ dir: null, port: 0, uiPort: null, log: () => {} });
  process.kill(temporal.pid, 'SIGKILL');
  await expect(temporal.died).rejects.toThrow('Temporal ended unexpectedly (SIGKILL)');

  const postgres = await startPostgres({ dir: join(folder, 'postgres'), port: 0 });
  const reported: unknown[] = [];
  postgres.died.catch((error: unknown) => reported.push(error));
  await postgres.stop();
  expect(reported).toEqual([]);
  expect(isAlive(postgres.pid)).toBe(false);
}, 60_000);

it('Postgres started by root in a closed folder finds its data again, also data from before it was closed', async () => {
  const open = await startPostgres({ dir: join(folder, 'postgres'), port: 0 });
  const before = new Client({ connectionString: open.url });
  await before.connect();
  await before.query('CREATE TABLE kept AS SELECT 42 AS answer');
  await before.end();
  await open.stop();

  await chmod(folder, 0o700);
  for (const start of ['moved', 'linked']) {
    const closed = await startPostgres({ dir: join(folder, 'postgres'), port: 0 });
    stops.push(closed.stop);
    const after = new Client({ connectionString: closed.url });
    await after.connect();
    expect((await after.query('SELECT answer FROM kept')).rows, start).toEqual([{ answer: 42 }]);
    await after.end();
    await closed.stop();
  }
  const data = await realpath(join(folder, 'postgres/data'));
  if (process.getuid?.() === 0) {
    expect(data).not.toContain(folder);
    await rm(dirname(data), { recursive: true });
    await expect(startPostgres({ dir: join(folder, 'postgres'), port: 0 })).rejects.toThrow(
      "is a link to a folder that doesn't exist",
    );
  }
}, 60_000);
