import type { Tx } from '../../../infra/db/index.ts';
import { signedOut } from '../change.ts';
import { listRefs } from './stored.ts';

/**
 * Signs out a profile whose server moves to another origin, which must not get its tokens. A client that isn't bound to
 * an authorization server yet is dropped: the server at the new address could name its own.
 * @returns references of the secrets that are no longer used
 */
export async function signOutMovedIn(
  tx: Tx,
  { orgId, id, tokenRef }: { orgId: string; id: string; tokenRef: string | null },
): Promise<(string | null)[]> {
  const before = await tx.oAuthProfile.findFirst({
    where: { orgId, authProfileId: id },
    include: { authProfile: { select: { secretRef: true } } },
  });
  if (!before) return [tokenRef];
  await tx.oAuthProfile.updateMany({
    where: { orgId, authProfileId: id },
    data: { ...signedOut, issuer: null, tokenRef },
  });
  if (before.clientIssuer !== null) return [before.tokenRef];
  await tx.authProfile.updateMany({ where: { orgId, id }, data: { secretRef: null } });
  await tx.oAuthProfile.updateMany({ where: { orgId, authProfileId: id }, data: { registeredRef: null } });
  return [...listRefs(before), before.authProfile.secretRef];
}
