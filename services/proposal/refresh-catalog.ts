import type { ErrorCode } from '../../domain/error/codes.ts';
import { isArmatureError, type Warning } from '../../domain/error/error.ts';
import { syncServer } from '../catalog/sync.ts';
import type { UseCaseContext } from '../context/use-case.ts';
import { formatActor } from '../workflow/reading/view.ts';

/** The sync failed; the last known catalog is used. */
const syncFailures: ReadonlySet<ErrorCode> = new Set([
  'sync_failed',
  'target_blocked',
  'auth_profile_not_found',
  'rate_limited',
]);

/**
 * Syncs the catalog before a proposal is validated, whatever the proposer's role; the audit row names the proposer.
 * Within the cooldown it counts as fresh. If the sync fails, it uses the last known catalog and returns a warning.
 */
export async function refreshCatalog(
  { ctx, orgId, actor, log }: UseCaseContext,
  { serverId }: { serverId: string },
): Promise<Warning[]> {
  try {
    await syncServer(
      { ...ctx, actor: { kind: 'system', id: `for ${formatActor(actor)}`, orgId } },
      { serverId, source: 'implicit' },
    );
    return [];
  } catch (error) {
    if (!isArmatureError(error)) throw error;
    if (error.code === 'sync_cooldown_active') return [];
    if (!syncFailures.has(error.code)) throw error;
    log.info({ err: error, serverId }, 'implicit sync failed, using the last known catalog');
    return [
      {
        code: 'catalog_stale_sync_failed',
        message: `The server's tools could not be read, so the last known ones were used. ${error.message}`,
      },
    ];
  }
}
