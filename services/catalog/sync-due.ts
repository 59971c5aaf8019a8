import { isArmatureError } from '../../domain/error/error.ts';
import { forEachConcurrent } from '../context/concurrency.ts';
import type { Deps } from '../context/context.ts';
import { syncCooldownMs, syncServer } from './sync.ts';

/** Servers of one call, and how many are asked at once: a probe waits for a silent server for 15 s. */
const page = 64;
const maxConcurrent = 16;

/**
 * Syncs the catalogs that are due, over all organizations: a page of servers by id. Each server has its own minute within its
 * period, by a hash of its id, so that a thousand don't come at once; the cooldown of syncs holds for these too. A failure is recorded on
 * the server's page as that of any sync. Not a use case: called by Armature's own Schedule.
 * @returns how many were asked, and where the next page begins; null at the end.
 */
export async function syncDueServers(
  deps: Deps,
  { after, onProgress = () => {} }: { after: string | null; onProgress?: () => void },
): Promise<{ synced: number; failed: number; after: string | null }> {
  const now = deps.now();
  const rows = await deps.db.$queryRaw<{ id: string; orgId: string }[]>`
    SELECT "id", "orgId" FROM (
      SELECT "id", "orgId", "syncAttemptedAt", "syncEveryMinutes" AS "every",
        mod(hashtext("id"::text)::bigint + 2147483648, "syncEveryMinutes") AS "offset",
        COALESCE("syncAttemptedAt", "syncedAt", "createdAt") AS "last"
      FROM "Server" WHERE "archivedAt" IS NULL AND "syncEveryMinutes" > 0
        AND (${after}::uuid IS NULL OR "id" > ${after}::uuid)) s
    WHERE floor((extract(epoch FROM ${now.toISOString()}::timestamptz) / 60 + "offset") / "every")
        > floor((extract(epoch FROM "last") / 60 + "offset") / "every")
      AND ("syncAttemptedAt" IS NULL
        OR "syncAttemptedAt" <= ${new Date(now.getTime() - syncCooldownMs).toISOString()}::timestamptz)
    ORDER BY "id" LIMIT ${page}::int`;
  const done = { synced: 0, failed: 0 };
  await forEachConcurrent(
    rows,
    { concurrency: maxConcurrent, onProgress, log: deps.log },
    async ({ id: serverId, orgId }) => {
      const ctx = {
        deps,
        actor: { kind: 'system' as const, id: 'sync-catalog', orgId },
        requestId: `sync/${serverId}`,
      };
      try {
        await syncServer(ctx, { serverId, source: 'periodic' });
        done.synced += 1;
      } catch (error) {
        // A server that does not answer has that on its page; one that somebody else has just synced, or deleted, is done.
        if (!isArmatureError(error) || error.code === 'internal_error') throw error;
        done.failed += 1;
      }
    },
  );
  return { ...done, after: rows.length < page ? null : (rows.at(-1)?.id ?? null) };
}
