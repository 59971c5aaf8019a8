import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import type { TestProject } from 'vitest/node';
import { migrate } from '../../../prisma/migrate.ts';
import { startPostgres } from '../../../scripts/postgres.ts';
import { startTemporal } from '../../../scripts/temporal-server.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** The run's Postgres: superuser URLs of the two migrated databases that each test file's are cloned from. */
    postgres: { url: string; secretsUrl: string; appRole: { name: string; password: string } };
    /** Host and port of the run's Temporal server. */
    temporalAddress: string;
  }
}

/** One Postgres and one Temporal server for the whole run, in the system's folder for temporary files. */
export default async function setup({ provide }: TestProject): Promise<() => Promise<void>> {
  const folder = await mkdtemp(join(tmpdir(), 'armature-servers-'));
  // Run by root, Postgres becomes another user, who has to reach its files.
  await chmod(folder, 0o711);
  const stops: (() => Promise<void>)[] = [];
  const teardown = async () => {
    const ends = await Promise.allSettled(stops.map((stop) => stop()));
    await rm(folder, { recursive: true, force: true });
    const failure = ends.find((end) => end.status === 'rejected');
    if (failure) throw failure.reason;
  };
  // A run that is interrupted ends without the teardown.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => void teardown());

  const postgres = async () => {
    const server = await startPostgres({ dir: join(folder, 'postgres'), port: 0 });
    stops.push(server.stop);
    await relax(server.url);
    const appRole = { name: 'armature_app', password: 'of-the-tests-alone' };
    await migrate({ databaseUrl: server.url, appRole, secretsUrl: server.secretsUrl });
    provide('postgres', { url: server.url, secretsUrl: server.secretsUrl, appRole });
  };
  const temporal = async () => {
    const server = await startTemporal({ dir: null, port: 0, uiPort: null, log: (line) => console.log(line) });
    stops.push(server.stop);
    provide('temporalAddress', server.address);
  };
  const starts = await Promise.allSettled([postgres(), temporal()]);
  const failure = starts.find((start) => start.status === 'rejected');
  if (failure) {
    await teardown();
    throw failure.reason;
  }
  return teardown;
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
