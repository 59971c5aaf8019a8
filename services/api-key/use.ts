import { atLeast, roles } from '../../domain/role/role.ts';
import { oneOf } from '../../domain/values/closed-set.ts';
import { minuteMs } from '../../domain/values/time.ts';
import type { ApiKeyRow } from '../../infra/db/queries/api-key.ts';
import type { Deps } from '../context/context.ts';

/** Why a key is refused, although its secret or token is right. */
export function findKeyRefusal({ role, creatorRole, expiresAt }: ApiKeyRow, now: Date): string | null {
  if (expiresAt !== null && expiresAt <= now) return 'expired';
  if (creatorRole === null) return 'its creator has left';
  return atLeast(oneOf(roles, creatorRole), oneOf(roles, role)) ? null : "above its creator's role";
}

/** Records the use of a key, at most once a minute over all processes. */
export async function recordUse(
  { db, now }: Pick<Deps, 'db' | 'now'>,
  { id, lastUsedAt }: { id: string; lastUsedAt: Date | null },
): Promise<void> {
  const aMinuteAgo = new Date(now().getTime() - minuteMs);
  if (lastUsedAt !== null && lastUsedAt > aMinuteAgo) return;
  await db.apiKey.updateMany({
    where: { id, OR: [{ lastUsedAt: null }, { lastUsedAt: { lte: aMinuteAgo } }] },
    data: { lastUsedAt: now() },
  });
}
