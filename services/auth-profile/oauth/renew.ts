import { setTimeout as sleep } from 'node:timers/promises';
import type { OAuthChallenge } from '../../../domain/oauth/challenge.ts';
import { chooseScope, joinScopes } from '../../../domain/oauth/scope.ts';
import { type Granted, isOAuthError, OAuthError, type SignIn } from '../../../infra/oauth/index.ts';
import type { Deps } from '../../context/context.ts';
import { toJson } from '../../context/use-case.ts';
import { keepTokens, type TokenLease, withTokenLease } from './lease.ts';
import {
  beginSignIn,
  findKnownClient,
  loadOAuthProfile,
  type OAuthProfile,
  type ProfileRef,
  toDocumentUrl,
} from './profile.ts';
import { followTokens, recordEnded, recordLater, recordTokens } from './record.ts';
import { forgetRegistered } from './registered.ts';
import { noTokens, readTokens, type StoredTokens, toStored, type Versioned } from './stored.ts';
import { keepTrace } from './trace.ts';

const requestMs = 40_000;
/** Others wait for as long as the requests of one process may take, and a dead one's lease. */
const maxWaitMs = requestMs + 20_000;
const pollMs = 100;
/** For a process that got an answer and could not store it yet. */
const settleMs = 1000;

/** Why new tokens are needed, and for what. */
export type Need = {
  isNeeded: (tokens: StoredTokens) => boolean;
  /** Of the refusal that asks for other tokens. */
  challenge?: OAuthChallenge;
  /** Whether another process's refresh is waited for. */
  waits: boolean;
};

/**
 * Gets new tokens for a profile, once at a time over all processes: a lease on the profile is committed before the
 * request, and no transaction is open during it. Others wait for the new generation, or for the lease to end.
 * @returns the tokens as they are then. @throws OAuthError
 */
export async function renewTokens(deps: Deps, ref: ProfileRef, need: Need): Promise<StoredTokens> {
  const until = performance.now() + maxWaitMs;
  for (;;) {
    const profile = await loadOAuthProfile(deps, ref);
    const stored = await readTokens(deps.secrets, profile);
    if (!stored) throw signedOut(profile);
    if (!need.isNeeded(stored.tokens)) return followTokens(deps, profile, stored.tokens);
    requireSignedIn(profile, stored.tokens, deps.now());
    const done = await withTokenLease(deps, ref, (lease) => renewWithLease(deps, ref, { need, lease }));
    if (done) return done.result;
    if (!need.waits) return stored.tokens;
    if (performance.now() > until)
      throw new OAuthError('later', 'Another process has been refreshing the token for too long.', 'Try again.');
    await sleep(pollMs + Math.random() * pollMs);
  }
}

type Turn = { need: Need; lease: TokenLease; isRepeated?: boolean };

async function renewWithLease(deps: Deps, ref: ProfileRef, turn: Turn): Promise<StoredTokens> {
  const { need, lease, isRepeated = false } = turn;
  // Read again: the lease's last holder may have got new ones.
  const profile = await loadOAuthProfile(deps, ref);
  const stored = await readTokens(deps.secrets, profile);
  if (!stored || profile.tokenRef === null) throw signedOut(profile);
  if (!need.isNeeded(stored.tokens)) return followTokens(deps, profile, stored.tokens);
  if (isUnfinished(profile, stored)) {
    await sleep(settleMs);
    const settled = await readTokens(deps.secrets, profile);
    if (settled?.generation !== stored.generation) return settled?.tokens ?? noTokens;
  }
  const signIn = await beginSignIn(deps, profile, AbortSignal.timeout(requestMs));
  try {
    const { tokens, data } = await request(deps, { profile, stored, signIn, turn });
    const isStored = await keepTokens(deps, profile, { generation: stored.generation, value: tokens });
    // Otherwise a person has signed in meanwhile: those tokens count.
    if (!isStored) return (await readTokens(deps.secrets, profile))?.tokens ?? noTokens;
    await recordTokens(deps, profile, { tokens, data });
    if (profile.state !== 'signed_in')
      await keepTrace(deps, profile, { outcome: 'signed_in', trace: signIn.trace, problem: null });
    return tokens;
  } catch (error) {
    if (!isOAuthError(error)) throw error;
    // An answer that got lost may have had the next token: many servers give it again to who asks soon.
    const isLost = error.kind === 'unreachable' && profile.kind === 'oauth_authorization_code';
    if (isLost && !isRepeated) return renewWithLease(deps, ref, { need, lease, isRepeated: true });
    const unfinished = isUnfinished(profile, stored) ? profile.attempted : null;
    return await fail(deps, { profile, stored, signIn, error: explainEnd(error, stored, unfinished) });
  }
}

/** Whether a refresh with these tokens was begun and has not brought others. */
const isUnfinished = ({ attempted }: OAuthProfile, { generation }: Versioned): boolean =>
  attempted?.generation === generation;

type Work = { profile: OAuthProfile; stored: Versioned; signIn: SignIn };

async function request(
  deps: Deps,
  { profile, stored, signIn, turn: { need, lease } }: Work & { turn: Turn },
): Promise<{ tokens: StoredTokens; data: NonNullable<Parameters<typeof recordTokens>[2]['data']> }> {
  const { tokens: before } = stored;
  const toTokens = (granted: Granted, client: StoredTokens['client'], issuer: string) =>
    toStored(granted, { issuer, client: client ?? 'entered', now: deps.now().getTime(), before });
  if (profile.kind === 'oauth_authorization_code') {
    const { refreshToken, issuer } = before;
    const at = profile.discovered;
    if (refreshToken === null || issuer === null || !at)
      throw new OAuthError('ended', 'The sign-in has ended: there is no refresh token.', 'Sign in again.');
    const client = findClientFor(deps, profile, before);
    if (at.metadata.issuer !== issuer || !client) throw otherClient(issuer);
    await lease.beginRefresh(stored.generation);
    const granted = await signIn.refresh(at, client, refreshToken);
    return { tokens: toTokens(granted, before.client, issuer), data: {} };
  }
  const { settings } = profile;
  const discovered = await signIn.discover({
    challenge: need.challenge,
    boundIssuer: profile.issuer,
    entered: settings,
  });
  const { issuer } = discovered.metadata;
  // Credentials that a person entered go only to a server that a person has named.
  if (settings.issuer === null && settings.tokenEndpoint === null && profile.issuer === null)
    throw new OAuthError(
      'issuer_unconfirmed',
      `The server names ${issuer} as its authorization server.`,
      'If that is right, confirm it: the client credentials are sent there.',
      { issuer },
    );
  const known = findKnownClient(profile, issuer);
  if (!known) throw otherClient(issuer);
  const asked = chooseScope({
    entered: settings.scopes ?? undefined,
    challenged: discovered.scope,
    ofResource: discovered.scopesOfResource,
    offline: false,
  });
  const isStepUp = need.challenge?.error === 'insufficient_scope';
  const scope = isStepUp ? joinScopes(before.scope ?? asked, need.challenge?.scope) : asked;
  const granted = await signIn.askWithCredentials(discovered, known.client, { scope, audience: settings.audience });
  const { resource, metadata, clockSkewMs } = discovered;
  return {
    tokens: toTokens({ ...granted, refreshToken: null }, known.origin, issuer),
    data: {
      issuer,
      clientIssuer: issuer,
      discovered: toJson({ resource, metadata, clockSkewMs }),
      actsAs: known.client.clientId,
      ...(profile.state !== 'signed_in' && { signedInAt: deps.now() }),
    },
  };
}

function findClientFor({ config }: Deps, profile: OAuthProfile, { client, issuer }: StoredTokens) {
  const documentUrl = toDocumentUrl(config.url);
  if (client === 'document') return documentUrl === null ? null : { clientId: documentUrl, authMethod: 'none' };
  return issuer === null ? null : (findKnownClient(profile, issuer)?.client ?? null);
}

const laterMs = 30_000;
const refusedMs = 5 * 60_000;

/** @returns the tokens that are valid all the same. @throws OAuthError */
async function fail(
  deps: Deps,
  { profile, stored, signIn, error }: Work & { error: OAuthError },
): Promise<StoredTokens> {
  const { orgId, tokenRef } = profile;
  const { kind, message, remediation } = error;
  const problem = { kind, message, remediation };
  // The tokens are those of a client that the authorization server has forgotten.
  const isForgotten = kind === 'client' && stored.tokens.client === 'registered';
  const isTemporary = kind === 'later' || kind === 'unreachable';
  const retryAt = new Date(deps.now().getTime() + (isTemporary ? laterMs : refusedMs));
  await keepTrace(deps, profile, { outcome: 'failed', trace: signIn.trace, problem });
  if (isTemporary) {
    await recordLater(deps, profile, problem, retryAt);
  } else if ((kind === 'ended' || isForgotten) && tokenRef !== null) {
    const value = { ...noTokens, issuer: stored.tokens.issuer };
    const isDropped = await deps.secrets.replace(orgId, tokenRef, { generation: stored.generation, value });
    // The refused ones aren't those that count any more.
    if (!isDropped) return (await readTokens(deps.secrets, profile))?.tokens ?? noTokens;
    if (isForgotten) await forgetRegistered(deps, profile);
    await recordEnded(deps, profile, problem, null);
  } else {
    await recordEnded(deps, profile, problem, retryAt);
  }
  const isValid = stored.tokens.expiresAt === null || stored.tokens.expiresAt > deps.now().getTime();
  if (isTemporary && stored.tokens.accessToken !== null && isValid) return stored.tokens;
  throw error;
}

/** Says why a sign-in ended. @param unfinished a refresh with the same token whose answer was lost */
function explainEnd(error: OAuthError, { tokens }: Versioned, unfinished: { at: Date } | null): OAuthError {
  if (error.kind === 'client' && tokens.client === 'registered')
    return new OAuthError('client', error.message, 'Sign in again: Armature registers once more.');
  if (error.kind !== 'ended' || !unfinished) return error;
  const at = unfinished.at.toISOString().slice(0, 19).replace('T', ' at ');
  return new OAuthError(
    'ended',
    `${error.message} Armature was stopped or lost its connection during the refresh on ${at} UTC, so the new token was lost.`,
    `${error.remediation} An authorization server that accepts a used refresh token for some seconds prevents this.`,
  );
}

/** @throws OAuthError where a request would only fail again */
function requireSignedIn(profile: OAuthProfile, { accessToken, refreshToken }: StoredTokens, now: Date): void {
  const { kind, state, problem, retryAt } = profile;
  if (kind === 'oauth_authorization_code' && state === 'signed_out') throw signedOut(profile);
  const isOver =
    kind === 'oauth_authorization_code' && state === 'ended' && accessToken === null && refreshToken === null;
  if (problem && (isOver || (retryAt !== null && retryAt > now)))
    throw new OAuthError(isOver ? 'ended' : 'later', problem.message, problem.remediation);
}

const signedOut = ({ name }: OAuthProfile): OAuthError =>
  new OAuthError('ended', `The auth profile "${name}" is not signed in.`, "Sign in on the server's page.");

const otherClient = (issuer: string): OAuthError =>
  new OAuthError(
    'needs_client',
    `There is no client for the authorization server ${issuer}. Credentials of another one are not used there.`,
    'Enter the id and the credentials of a client of this authorization server in the auth profile.',
  );
