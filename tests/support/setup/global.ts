import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import type { TestProject } from 'vitest/node';
import { migrate } from '../../../prisma/migrate.ts';
import { startPostgres } from '../../../scripts/embedded/postgres.ts';
import { startTemporal } from '../../../scripts/embedded/temporal-server.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** The run's Postgres: superuser URLs of the two migrated databases that each test file's are cloned from. */
    postgres: { url: string; secretsUrl: string; appRole: { name: string; password: string } };
    /** Host and port of the run's Temporal server. */
    temporalAddress: string;
  }
}

type Servers = {
  postgres: { url: string; secretsUrl: string; appRole: { name: string; password: string } };
  temporalAddress: string;
  stop(): Promise<void>;
};

// Each vitest project loads this module and its imports anew. The schema engine's bindings can't be loaded twice in a
// process, so projects share the servers through the process.
const shared: typeof globalThis & { armatureTestServers?: { users: number; started: Promise<Servers> } } = globalThis;

/** Provides one Postgres and one Temporal server to all projects of a run. */
export default async function setup({ provide }: TestProject): Promise<() => Promise<void>> {
  shared.armatureTestServers ??= { users: 0, started: startServers() };
  const current = shared.armatureTestServers;
  current.users += 1;
  const { postgres, temporalAddress, stop } = await current.started;
  provide('postgres', postgres);
  provide('temporalAddress', temporalAddress);
  return async () => {
    current.users -= 1;
    if (current.users === 0) await stop();
  };
}

async function startServers(): Promise<Servers> {
  const folder = await mkdtemp(join(tmpdir(), 'armature-servers-'));
  // Run by root, Postgres becomes another user, who has to reach its files.
  await chmod(folder, 0o711);
  const stops: (() => Promise<void>)[] = [];
  const stop = async () => {
    const ends = await Promise.allSettled(stops.map((end) => end()));
    await rm(folder, { recursive: true, force: true });
    const failure = ends.find((end) => end.status === 'rejected');
    if (failure) throw failure.reason;
  };
  // A run that is interrupted ends without the teardown.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => void stop());

  const startDatabase = async (): Promise<Servers['postgres']> => {
    const server = await startPostgres({ dir: join(folder, 'postgres'), port: 0 });
    stops.push(server.stop);
    await relax(server.url);
    const appRole = { name: 'armature_app', password: 'of-the-tests-alone' };
    await migrate({ databaseUrl: server.url, appRole, secretsUrl: server.secretsUrl });
    return { url: server.url, secretsUrl: server.secretsUrl, appRole };
  };
  const startTemporalServer = async (): Promise<string> => {
    const server = await startTemporal({ dir: null, port: 0, uiPort: null, log: (line) => console.log(line) });
    stops.push(server.stop);
    return server.address;
  };
  const [postgres, temporalAddress] = await Promise.allSettled([startDatabase(), startTemporalServer()]);
  if (postgres.status === 'fulfilled' && temporalAddress.status === 'fulfilled')
    return { postgres: postgres.value, temporalAddress: temporalAddress.value, stop };
  await stop();
  throw postgres.status === 'rejected'
    ? postgres.reason
    : temporalAddress.status === 'rejected' && temporalAddress.reason;
}

/** What is lost when the machine loses power is of no interest here, and each test file makes databases. */
async function relax(url: string): Promise<void> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    for (const setting of ['fsync', 'full_page_writes', 'synchronous_commit'])
      await client.query(`ALTER SYSTEM SET ${setting} = off`);
    await client.query('SELECT pg_reload_conf()');
  } finally {
    await client.end();
  }
}
