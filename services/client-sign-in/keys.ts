import { isArmatureError } from '../../domain/error/error.ts';
import { roles } from '../../domain/role/role.ts';
import { oneOf } from '../../domain/values/closed-set.ts';
import { type ApiKeyRow, findApiKey } from '../../infra/db/queries/api-key.ts';
import { revokeApiKey } from '../api-key/revoke.ts';
import { findKeyRefusal, recordUse } from '../api-key/use.ts';
import type { KeyActor } from '../api-key/verify.ts';
import type { Deps } from '../context/context.ts';
import { newId } from '../context/ids.ts';

/** What the authorization server asks about the keys that it has tokens of. */
export const createClientKeys = (deps: () => Deps) => ({
  isValid: async (keyId: string): Promise<boolean> => (await findValidKey(deps(), keyId)) !== null,

  /** Ends a sign-in: its client asked for that, or a code or refresh token was used twice. */
  async revoke(keyId: string): Promise<void> {
    const key = await findApiKey(deps().db, keyId);
    if (!key) return;
    const actor = { kind: 'system', id: 'oauth', orgId: key.orgId } as const;
    try {
      await revokeApiKey({ deps: deps(), actor, requestId: newId() }, { keyId });
    } catch (error) {
      // Another request revoked it meanwhile.
      if (!isArmatureError(error) || error.code !== 'api_key_not_found') throw error;
    }
  },
});

async function findValidKey({ db, now }: Pick<Deps, 'db' | 'now'>, keyId: string): Promise<ApiKeyRow | null> {
  const row = await findApiKey(db, keyId);
  return row && findKeyRefusal(row, now()) === null ? row : null;
}

/**
 * The actor of an access token: the API key that its client signed in as. The key is read at each request, so a client
 * that was revoked is refused immediately. Null if the token is of no use here, or any longer.
 */
export async function verifyToken(
  deps: Pick<Deps, 'db' | 'now' | 'authorization'>,
  token: string,
): Promise<KeyActor | null> {
  const id = (await deps.authorization?.findKey(token)) ?? null;
  const row = id === null ? null : await findValidKey(deps, id);
  if (id === null || !row) return null;
  await recordUse(deps, { id, lastUsedAt: row.lastUsedAt });
  return { kind: 'api_key', id, orgId: row.orgId, role: oneOf(roles, row.role) };
}
