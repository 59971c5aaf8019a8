import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { afterEach, expect, it } from 'vitest';
import { startPostgres } from '../../scripts/embedded/postgres.ts';
import { startTemporalOnPostgres } from '../../scripts/temporal/on-postgres.ts';
import { canRunGo } from '../real/environment.ts';

const stops: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0).reverse()) await stop();
});

async function withClient<T>(address: string, use: (client: Client) => Promise<T>): Promise<T> {
  const connection = await Connection.connect({ address });
  try {
    return await use(new Client({ connection }));
  } finally {
    await connection.close();
  }
}

it.skipIf(!(await canRunGo()))(
  'Temporal on Postgres keeps its workflows when it is killed and started again',
  async () => {
    const log = (line: string) => console.log(line);
    const folder = await mkdtemp(join(tmpdir(), 'armature-temporal-'));
    stops.push(() => rm(folder, { recursive: true, force: true }));
    await chmod(folder, 0o711);
    const postgres = await startPostgres({ dir: join(folder, 'postgres'), port: 0 });
    stops.push(() => postgres.stop());
    const first = await startTemporalOnPostgres({ postgresUrl: postgres.url, log });
    stops.push(() => first.stop());
    await withClient(first.address, (client) =>
      client.workflow.start('nobodyCarriesThisOut', { taskQueue: 'none', workflowId: 'kept' }),
    );
    process.kill(first.pid, 'SIGKILL');
    await expect(first.died).rejects.toThrow('Temporal ended unexpectedly (SIGKILL)');

    const second = await startTemporalOnPostgres({ postgresUrl: postgres.url, ports: first.ports, log });
    stops.push(() => second.stop());
    const description = await withClient(second.address, (client) => client.workflow.getHandle('kept').describe());
    expect(description.status.name).toBe('RUNNING');
  },
);
