import { isArmatureError } from '../../domain/error/error.ts';
import { findServersToSync } from '../../infra/db/queries/server.ts';
import { forEachConcurrent } from '../context/concurrency.ts';
import type { Deps } from '../context/context.ts';
import { syncCooldownMs, syncServer } from './sync.ts';

const pageSize = 64;
/** A probe waits for a server that doesn't answer, and may hold a whole catalog in memory. */
const maxConcurrent = 8;

/**
 * Syncs one page of the catalogs that are due, in all organizations. A hash of its id gives each server its own minute
 * within its period, so that they aren't all due at the same time. Not a use case: Armature's own Schedule calls it.
 * @param options.after where the page starts, as returned for the page before; null for the first page
 */
export async function syncDueServers(
  deps: Deps,
  { after, onProgress = () => {} }: { after: string | null; onProgress?: () => void },
): Promise<{ synced: number; failed: number; after: string | null }> {
  const now = deps.now();
  const rows = await findServersToSync(deps.db, {
    now,
    after,
    attemptedBefore: new Date(now.getTime() - syncCooldownMs),
    limit: pageSize,
  });
  const counts = { synced: 0, failed: 0 };
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
        counts.synced += 1;
      } catch (error) {
        // The failure is already recorded for the server's page, or somebody else just synced or deleted the server.
        if (!isArmatureError(error) || error.code === 'internal_error') throw error;
        counts.failed += 1;
      }
    },
  );
  return { ...counts, after: rows.length < pageSize ? null : (rows.at(-1)?.id ?? null) };
}
