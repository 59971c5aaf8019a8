import type { Tx } from '../../infra/db/index.ts';
import type { Secrets } from '../../infra/secrets/index.ts';
import { toJson } from '../context/use-case.ts';
import type { AuthInput } from '../server/schema.ts';
import { putCredential } from '../server/secrets.ts';
import type { OAuthInput } from './oauth/input.ts';
import { noTokens, putClientSecrets, toSettings } from './oauth/stored.ts';

export const isOAuthInput = (auth: { kind: string }): auth is OAuthInput =>
  auth.kind === 'oauth_client_credentials' || auth.kind === 'oauth_authorization_code';

/** The secrets of a new profile, for `withSecrets`; their references go to `createProfileIn`. */
export const listProfileSecrets = (
  secrets: Secrets,
  orgId: string,
  auth: AuthInput,
): (() => Promise<string | null>)[] =>
  isOAuthInput(auth)
    ? [() => putClientSecrets(secrets, orgId, auth), () => secrets.put(orgId, noTokens)]
    : [() => putCredential(secrets, orgId, auth)];

export async function createProfileIn(
  tx: Tx,
  {
    row,
    auth,
    refs: [secretRef = null, tokenRef = null],
  }: {
    row: { id: string; orgId: string; serverId: string; name: string; isDefault?: boolean };
    auth: AuthInput;
    refs: readonly (string | null)[];
  },
): Promise<void> {
  const header = auth.kind === 'api_key_header' ? auth.header : null;
  await tx.authProfile.create({ data: { ...row, kind: auth.kind, header, secretRef } });
  if (!isOAuthInput(auth)) return;
  const { orgId, id: authProfileId } = row;
  await tx.oAuthProfile.create({ data: { orgId, authProfileId, settings: toJson(toSettings(auth)), tokenRef } });
}
