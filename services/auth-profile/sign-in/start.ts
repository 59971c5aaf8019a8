import { createHash } from 'node:crypto';
import { z } from 'zod';
import { joinScopes } from '../../../domain/oauth/scope.ts';
import { givenId } from '../../../domain/values/id.ts';
import { isOAuthError, type SignIn } from '../../../infra/oauth/index.ts';
import type { Deps } from '../../context/context.ts';
import { newId } from '../../context/ids.ts';
import { toJson, useCase } from '../../context/use-case.ts';
import {
  beginSignIn,
  findKnownClient,
  loadOAuthProfile,
  type OAuthProfile,
  toDocumentUrl,
  toRedirectUri,
} from '../oauth/profile.ts';
import { keepRegistered } from '../oauth/registered.ts';
import type { ClientOrigin } from '../oauth/stored.ts';
import { dropOldTraces, toStoredTrace } from '../oauth/trace.ts';
import { signInFailed, wrongKind } from './errors.ts';
import { pendingSignIn, signInMs } from './pending.ts';

export const hashOf = (secret: string): string => createHash('sha256').update(secret).digest('hex');

/**
 * Prepares the sign-in of a profile in the browser of an admin: finds the authorization server, and registers there
 * where that is needed.
 * @param input.session of the browser: only it can end this sign-in
 * @returns the address to send the browser to. @throws ArmatureError `auth_profile_not_found`, `sign_in_failed`
 */
export const startSignIn = useCase({
  name: 'auth_profile.start_sign_in',
  access: 'admin',
  input: z.object({ authProfileId: givenId, session: z.string().min(1) }),
  async run(
    { ctx, orgId, actor, db, config, secrets, write, now },
    { authProfileId, session },
  ): Promise<{ url: string }> {
    const profile = await loadOAuthProfile(ctx.deps, { orgId, authProfileId });
    if (profile.kind !== 'oauth_authorization_code') throw wrongKind();
    const signIn = await beginSignIn(ctx.deps, profile, AbortSignal.timeout(signInMs.requests));
    const id = newId();
    const startedAt = now();
    const row = {
      id,
      orgId,
      authProfileId,
      userId: actor.id,
      sessionHash: hashOf(session),
      startedAt,
      expiresAt: new Date(startedAt.getTime() + signInMs.answer),
    };
    try {
      const { pending, discovered, origin, client } = await prepare(
        ctx.deps,
        profile,
        signIn,
        toRedirectUri(config.url),
      );
      const { resource, metadata, clockSkewMs } = discovered;
      const kept = { ...pending, discovered: { resource, metadata, clockSkewMs }, client, origin };
      const sealed = secrets.seal(Buffer.from(JSON.stringify(pendingSignIn.parse(kept))), `sign-in/${id}`);
      await write(
        (tx) =>
          tx.oAuthSignIn.create({
            data: { ...row, stateHash: hashOf(pending.state), sealed, trace: toStoredTrace(signIn.trace) },
          }),
        { subject: authProfileId, data: { issuer: metadata.issuer } },
      );
      await dropOldTraces(db, { orgId, authProfileId });
      return { url: pending.url };
    } catch (error) {
      if (!isOAuthError(error)) throw error;
      const { kind, message, remediation } = error;
      await db.oAuthSignIn.create({
        data: {
          ...row,
          stateHash: id,
          outcome: 'failed',
          problem: toJson({ kind, message, remediation }),
          trace: toStoredTrace(signIn.trace),
        },
      });
      await dropOldTraces(db, { orgId, authProfileId });
      throw signInFailed(error);
    }
  },
});

async function prepare(deps: Deps, profile: OAuthProfile, signIn: SignIn, redirectUri: string) {
  const { settings, issuer, neededScope } = profile;
  const discovered = await signIn.discover({ boundIssuer: issuer, entered: settings });
  const known = findKnownClient(profile, discovered.metadata.issuer);
  const documentUrl = toDocumentUrl(deps.config.url);
  const found = await signIn.findClient(discovered, { known: known?.client ?? null, documentUrl, redirectUri });
  const origin: ClientOrigin = known?.origin ?? (found.clientId === documentUrl ? 'document' : 'registered');
  const { isNew, ...client } = found;
  if (isNew && origin === 'registered')
    await keepRegistered(deps, profile, { client, issuer: discovered.metadata.issuer });
  // After a step-up: what was granted before, and what is missing.
  const scope = settings.scopes ?? (neededScope === null ? undefined : joinScopes(neededScope));
  const pending = signIn.prepare(discovered, { client, redirectUri, audience: settings.audience, scope });
  return { pending, discovered, client, origin };
}
