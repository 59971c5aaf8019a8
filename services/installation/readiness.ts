import { readdir } from 'node:fs/promises';
import { z } from 'zod';
import type { Db } from '../../infra/db/index.ts';
import { findAppliedMigrations } from '../../infra/db/queries/installation.ts';
import { useCase } from '../context/use-case.ts';
import { findStandstill, type Standstill } from './standstill.ts';
import { describeUnhosted } from './unhosted-queues.ts';
import { findUnreadableSecrets } from './unreadable-secrets.ts';

export const parts = ['postgres', 'migrations', 'secrets', 'temporal', 'worker'] as const;
export type Part = (typeof parts)[number];
/**
 * `missing` is empty when Armature works. `warnings` concern single servers and
 * destinations, and what stands still for a reason that isn't known. Messages contain no
 * address and no credential: anyone may read them.
 */
export type Readiness = {
  ready: boolean;
  missing: { part: Part; message: string }[];
  warnings: { part: 'secrets' | Standstill['part']; message: string }[];
};
/** Of those that concern single servers and destinations. */
const maxWarnings = 20;

const migrationsFolder = new URL('../../prisma/migrations/', import.meta.url);

/** Checks that everything needed is available, each part for 5 s at most. */
export const readiness = useCase({
  name: 'installation.readiness',
  access: 'anyone',
  /** `withNames`: names what warnings are about, besides its id. */
  input: z.object({ withNames: z.boolean().default(false) }),
  async run({ db, secrets, temporal, log, now }, { withNames }): Promise<Readiness> {
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
      withTimeLimit(5_500, temporal.listUnhostedQueues()).then(
        (queues) => {
          const found = describeUnhosted(queues);
          return found && { part: 'worker' as const, message: `${found.problem}. ${found.todo}` };
        },
        failed('temporal', 'Temporal does not answer.'),
      ),
    ]);
    const missing = results.filter((part) => part !== null);
    const unreadable = missing.some(({ part }) => part === 'postgres')
      ? []
      : await withTimeLimit(5_000, findUnreadableSecrets({ db, secrets })).catch((error: unknown) => {
          missing.push(failed('secrets', 'The database of secrets does not answer.')(error));
          return [];
        });
    // What is missing explains it.
    const standing =
      missing.length > 0
        ? []
        : await withTimeLimit(5_000, findStandstill(db, { orgId: null, at: now() })).catch((error: unknown) => {
            missing.push(failed('postgres', 'Postgres does not answer in time.')(error));
            return [];
          });
    const secretWarnings = unreadable.slice(0, maxWarnings).map(({ kind, id, name, repair }) => ({
      part: 'secrets' as const,
      message: `The secrets of the ${kind} ${withNames ? `"${name}" (${id})` : id} can't be read. ${repair} Or add the earlier key to ARMATURE_SECRETS_PREVIOUS_KEYS.`,
    }));
    return {
      ready: missing.length === 0,
      missing,
      warnings: [
        ...standing.map(({ part, problem, todo }) => ({ part, message: `${problem}. ${todo}` })),
        ...secretWarnings,
      ],
    };
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
