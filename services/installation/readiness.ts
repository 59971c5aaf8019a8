import { readdir } from 'node:fs/promises';
import { z } from 'zod';
import type { Db } from '../../infra/db/index.ts';
import { findAppliedMigrations } from '../../infra/db/queries/installation.ts';
import { useCase } from '../context/use-case.ts';

export const parts = ['postgres', 'migrations', 'temporal', 'worker'] as const;
export type Part = (typeof parts)[number];
/** `missing` is empty when Armature works. Messages contain no address and no credential: anyone may read them. */
export type Readiness = { ready: boolean; missing: { part: Part; message: string }[] };

const migrationsFolder = new URL('../../prisma/migrations/', import.meta.url);

/** Checks that everything needed is available, each part for 5 s at most. */
export const readiness = useCase({
  name: 'installation.readiness',
  access: 'anyone',
  input: z.object({}),
  async run({ db, temporal, log }): Promise<Readiness> {
    const failed = (part: Part, message: string) => (error: unknown) => {
      log.warn({ err: error, part }, 'not ready');
      return { part, message };
    };
    const results = await Promise.all([
      withTimeLimit(5_000, pendingMigrations(db)).then(
        (pending) =>
          pending.length > 0
            ? { part: 'migrations' as const, message: `Not applied yet: ${pending.join(', ')}. Run npm run migrate.` }
            : null,
        failed('postgres', 'Postgres does not answer, or was never migrated (npm run migrate).'),
      ),
      withTimeLimit(5_500, temporal.workersPolling()).then(
        (polling) =>
          polling ? null : { part: 'worker' as const, message: 'No worker is running. Start one: npm run worker.' },
        failed('temporal', 'Temporal does not answer.'),
      ),
    ]);
    const missing = results.filter((part) => part !== null);
    return { ready: missing.length === 0, missing };
  },
});

async function pendingMigrations(db: Db): Promise<string[]> {
  const [entries, applied] = await Promise.all([
    readdir(migrationsFolder, { withFileTypes: true }),
    findAppliedMigrations(db),
  ]);
  return entries.filter((entry) => entry.isDirectory() && !applied.has(entry.name)).map(({ name }) => name);
}

async function withTimeLimit<T>(ms: number, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${ms} ms`)), ms);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
