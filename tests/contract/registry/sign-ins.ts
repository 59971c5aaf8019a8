import { randomUUID } from 'node:crypto';
import { noTokens } from '../../../services/auth-profile/oauth/stored.ts';
import { hashOf } from '../../../services/auth-profile/sign-in/start.ts';
import type { Deps } from '../../../services/context/context.ts';
import { newId } from '../../../services/context/ids.ts';

export type SignInOfWorld = {
  oauthProfileId: string;
  /** Of a sign-in that the owner began. */
  signInState: string;
};

/** A sign-in of the owner that waits for the answer of the authorization server. @returns its state */
export async function makeSignIn(
  { db, secrets }: Deps,
  { orgId, authProfileId, userId }: { orgId: string; authProfileId: string; userId: string },
): Promise<string> {
  const issuer = 'https://as.example.com';
  const state = randomUUID();
  const id = newId();
  const tokenRef = await secrets.put(orgId, noTokens);
  const none = { authorizationEndpoint: null, tokenEndpoint: null, clientId: null, scopes: null, audience: null };
  const settings = { issuer: null, resource: null, ...none };
  await db.oAuthProfile.create({ data: { orgId, authProfileId, settings, tokenRef } });
  const pending = {
    state,
    issuer,
    codeVerifier: 'verifier',
    announcesIss: false,
    redirectUri: 'https://armature.example.com/oauth/callback',
    discovered: {
      resource: 'https://mcp.example.com',
      metadata: { issuer, token_endpoint: `${issuer}/token` },
      clockSkewMs: 0,
    },
    client: { clientId: 'client' },
    origin: 'entered',
  };
  await db.oAuthSignIn.create({
    data: {
      id,
      orgId,
      authProfileId,
      userId,
      stateHash: hashOf(state),
      sessionHash: hashOf('a session'),
      sealed: secrets.seal(Buffer.from(JSON.stringify(pending)), `sign-in/${id}`),
      startedAt: new Date(),
      expiresAt: new Date(Date.now() + 600_000),
    },
  });
  return state;
}
