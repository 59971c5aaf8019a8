import type { Deps } from '../../context/context.ts';
import { destroySecrets } from '../../server/secrets.ts';
import type { OAuthProfile } from './profile.ts';

type Of = Pick<OAuthProfile, 'orgId' | 'authProfileId' | 'registeredRef'>;

/** A client that was registered is used for every later sign-in at the same authorization server. */
export async function keepRegistered(
  deps: Deps,
  { orgId, authProfileId, registeredRef }: Of,
  { client, issuer }: { client: object; issuer: string },
): Promise<void> {
  const ref = await deps.secrets.put(orgId, client);
  await deps.db.oAuthProfile.updateMany({
    where: { orgId, authProfileId },
    data: { registeredRef: ref, registeredIssuer: issuer },
  });
  await destroySecrets(deps, orgId, [registeredRef]);
}

/** An authorization server that no longer knows the client gets another at the next sign-in. */
export async function forgetRegistered(deps: Deps, { orgId, authProfileId, registeredRef }: Of): Promise<void> {
  await deps.db.oAuthProfile.updateMany({
    where: { orgId, authProfileId, registeredRef },
    data: { registeredRef: null, registeredIssuer: null },
  });
  await destroySecrets(deps, orgId, [registeredRef]);
}
