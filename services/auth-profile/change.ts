import type { z } from 'zod';
import type { Tx } from '../../infra/db/index.ts';
import type { Secrets } from '../../infra/secrets/index.ts';
import { Prisma } from '../../prisma/generated/client.ts';
import type { OAuthProfileModel } from '../../prisma/generated/models.ts';
import { validationError } from '../context/errors.ts';
import { toJson } from '../context/use-case.ts';
import type { authEdit, StaticAuth } from '../server/schema.ts';
import { putCredential } from '../server/secrets.ts';
import type { OAuthInput } from './oauth/input.ts';
import { entersSecrets, listRefs, noTokens, putClientSecrets, toSettings } from './oauth/stored.ts';
import { isOAuthInput } from './row.ts';

type Before = { kind: string; secretRef: string | null; oauth: OAuthProfileModel | null };
type Ref = { orgId: string; id: string };

/** What an edit of a profile's credentials does. */
export type Change = {
  put: (() => Promise<string | null>)[];
  /** Whether a credential was entered, or the sign-in has to be repeated. */
  isNew: boolean;
  applyIn(tx: Tx, ref: Ref, refs: readonly (string | null)[]): Promise<void>;
  /** Secrets that nothing refers to afterwards. */
  obsolete: (string | null)[];
};

/** @throws ArmatureError `validation_failed` for a credential that is missing */
export function planChange(secrets: Secrets, orgId: string, before: Before, auth: z.output<typeof authEdit>): Change {
  return isOAuthInput(auth)
    ? changeOAuth(secrets, orgId, before, auth)
    : changeStatic(secrets, orgId, before, { auth, entered: readCredential(auth) });
}

function changeStatic(
  secrets: Secrets,
  orgId: string,
  before: Before,
  { auth, entered }: { auth: Exclude<z.output<typeof authEdit>, OAuthInput>; entered: StaticAuth | undefined },
): Change {
  if (!entered && auth.kind !== before.kind) throw credentialMissing(auth.kind);
  const header = auth.kind === 'api_key_header' ? auth.header : null;
  return {
    put: entered ? [() => putCredential(secrets, orgId, entered)] : [],
    isNew: entered !== undefined,
    obsolete: entered ? [before.secretRef, ...listRefs(before.oauth)] : [],
    async applyIn(tx, { orgId: org, id }, [secretRef = null]) {
      const data = { kind: auth.kind, header, ...(entered && { secretRef }) };
      await tx.authProfile.updateMany({ where: { orgId: org, id }, data });
      await tx.oAuthProfile.deleteMany({ where: { orgId: org, authProfileId: id } });
    },
  };
}

/** Other settings mean another sign-in: tokens that were granted under the earlier ones are dropped. */
function changeOAuth(secrets: Secrets, orgId: string, before: Before, auth: OAuthInput): Change {
  const settings = toSettings(auth);
  const old = before.oauth && toSettings({ ...auth, ...toRecord(before.oauth.settings) });
  const isSame =
    before.kind === auth.kind &&
    old !== null &&
    !entersSecrets(auth) &&
    JSON.stringify(old) === JSON.stringify(settings);
  if (isSame) return { put: [], isNew: false, obsolete: [], applyIn: async () => {} };
  const isOtherClient = entersSecrets(auth) || settings.clientId !== old?.clientId;
  // A secret belongs to its client id.
  const keepsSecret = before.oauth !== null && !isOtherClient;
  return {
    put: [
      () => (keepsSecret ? Promise.resolve(null) : putClientSecrets(secrets, orgId, auth)),
      () => secrets.put(orgId, noTokens),
    ],
    isNew: true,
    obsolete: [keepsSecret ? null : before.secretRef, before.oauth?.tokenRef ?? null],
    async applyIn(tx, { orgId: org, id }, [secretRef = null, tokenRef = null]) {
      await tx.authProfile.updateMany({
        where: { orgId: org, id },
        data: { kind: auth.kind, header: null, ...(!keepsSecret && { secretRef }) },
      });
      const fresh = {
        settings: toJson(settings),
        tokenRef,
        issuer: null,
        ...(isOtherClient && { clientIssuer: null }),
        ...signedOut,
      };
      await tx.oAuthProfile.upsert({
        where: { orgId_authProfileId: { orgId: org, authProfileId: id } },
        create: { orgId: org, authProfileId: id, ...fresh },
        update: fresh,
      });
    },
  };
}

/** Of a profile whose tokens are gone. */
export const signedOut = {
  state: 'signed_out',
  discovered: Prisma.DbNull,
  problem: Prisma.DbNull,
  actsAs: null,
  scope: null,
  neededScope: null,
  tokenExpiresAt: null,
  refreshAt: null,
  endsAt: null,
  signedInAt: null,
  // Of tokens that are gone.
  attemptedGeneration: null,
  attemptedAt: null,
} as const;

const toRecord = (json: unknown): object => (typeof json === 'object' && json !== null ? json : {});

/** Returns the credential, or undefined if none was entered. */
function readCredential(auth: Exclude<z.output<typeof authEdit>, OAuthInput>): StaticAuth | undefined {
  if (auth.kind === 'none') return auth;
  if (auth.kind === 'bearer') return auth.token ? { kind: 'bearer', token: auth.token } : undefined;
  return auth.value ? { kind: 'api_key_header', header: auth.header, value: auth.value } : undefined;
}

const credentialMissing = (kind: string) =>
  validationError([
    {
      field: kind === 'bearer' ? 'auth.token' : 'auth.value',
      message: 'Enter the credential. None of this kind is stored.',
    },
  ]);
