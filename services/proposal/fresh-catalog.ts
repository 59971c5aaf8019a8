import { type ErrorCode, isArmatureError, type Warning } from '../../domain/error/error.ts';
import { syncServer } from '../catalog/sync.ts';
import type { UseCaseContext } from '../context/use-case.ts';
import { formatActor } from '../workflow/view.ts';

/** The catalog could not be had; what is known of it has to do. */
const unreachable: ReadonlySet<ErrorCode> = new Set(['sync_failed', 'target_blocked', 'auth_profile_not_found']);

/**
 * Syncs the catalog that a proposal is to be held against, whatever the role of who proposes; the audit row names them. Within the
 * cooldown the catalog counts as fresh. A sync that fails leaves the last known catalog, and a warning.
 */
export async function freshCatalog(
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
    if (!unreachable.has(error.code)) throw error;
    log.info({ err: error, serverId }, 'an implicit sync failed; the last known catalog is used');
    return [
      {
        code: 'catalog_stale_sync_failed',
        message: `The tools of the server could not be read again, so the last known ones were used: ${error.message}`,
      },
    ];
  }
}
