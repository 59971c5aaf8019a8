import { z } from 'zod';
import type { TraceStep } from '../../../domain/oauth/trace.ts';
import { type Granted, isOAuthError } from '../../../infra/oauth/index.ts';
import type { Deps } from '../../context/context.ts';
import { toJson, useCase } from '../../context/use-case.ts';
import { beginSignIn, loadOAuthProfile, type OAuthProfile } from '../oauth/profile.ts';
import { recordTokens } from '../oauth/record.ts';
import { forgetRegistered } from '../oauth/registered.ts';
import { readTokens, toStored } from '../oauth/stored.ts';
import { toStoredTrace } from '../oauth/trace.ts';
import { signInFailed, unknownSignIn } from './errors.ts';
import { pendingSignIn, signInMs } from './pending.ts';
import { hashOf } from './start.ts';

const answer = z.object({
  state: z.string().min(1).max(500),
  /** The query of the callback. */
  query: z.string().max(20_000),
  session: z.string().min(1),
});

/** Where a sign-in belongs to, by its state. Not a use case: says only what the caller's own browser began. */
export async function findPendingSignIn(
  { db, now }: Pick<Deps, 'db' | 'now'>,
  { state, session, userId }: { state: string; session: string; userId: string },
) {
  const row = await db.oAuthSignIn.findFirst({
    where: {
      stateHash: hashOf(state),
      sessionHash: hashOf(session),
      userId,
      outcome: 'begun',
      expiresAt: { gt: now() },
    },
    select: { orgId: true, authProfileId: true, authProfile: { select: { serverId: true } } },
  });
  return row && { orgId: row.orgId, authProfileId: row.authProfileId, serverId: row.authProfile.serverId };
}

/**
 * Ends a sign-in with the answer of the authorization server. Only the browser that began it can, within ten minutes,
 * and once.
 * @throws ArmatureError `resource_not_found`, `sign_in_failed`
 */
export const completeSignIn = useCase({
  name: 'auth_profile.complete_sign_in',
  access: 'admin',
  input: answer,
  async run(
    { ctx, orgId, actor, db, secrets, write, now },
    { state, query, session },
  ): Promise<{ authProfileId: string }> {
    const where = {
      orgId,
      stateHash: hashOf(state),
      sessionHash: hashOf(session),
      userId: actor.id,
      outcome: 'begun',
      expiresAt: { gt: now() },
    };
    const row = await db.oAuthSignIn.findFirst({ where });
    const { count } = await db.oAuthSignIn.updateMany({
      where: { ...where, sealed: { not: null } },
      data: { sealed: null },
    });
    if (!row?.sealed || count === 0) throw unknownSignIn();
    const { id, authProfileId } = row;
    const opened = Buffer.from(secrets.open(row.sealed, `sign-in/${id}`)).toString('utf8');
    const pending = pendingSignIn.parse(JSON.parse(opened));
    const profile = await loadOAuthProfile(ctx.deps, { orgId, authProfileId });
    const signIn = await beginSignIn(ctx.deps, profile, AbortSignal.timeout(signInMs.requests));
    const before = z.custom<TraceStep[]>((value) => Array.isArray(value)).parse(row.trace);
    const keep = (data: object) =>
      db.oAuthSignIn.updateMany({
        where: { orgId, id },
        data: { ...data, trace: toStoredTrace([...before, ...signIn.trace]) },
      });
    try {
      const code = signIn.readCallback(pending, new URLSearchParams(query));
      const granted = await signIn.exchangeCode(pending.discovered, pending.client, code, pending);
      await ctx.deps.renewals.run(() => store(ctx.deps, profile, { pending, granted }));
      await keep({ outcome: 'signed_in' });
    } catch (error) {
      if (!isOAuthError(error)) throw error;
      const { kind, message, remediation } = error;
      if (kind === 'client' && pending.origin === 'registered') await forgetRegistered(ctx.deps, profile);
      await keep({ outcome: 'failed', problem: toJson({ kind, message, remediation }) });
      throw signInFailed(error);
    }
    await write(async () => {}, {
      subject: authProfileId,
      data: { issuer: pending.issuer, serverId: profile.server.id },
    });
    return { authProfileId };
  },
});

/** Replaces the tokens, whatever generation they are of: a person's sign-in counts. */
async function store(
  deps: Deps,
  profile: OAuthProfile,
  { pending, granted }: { pending: z.output<typeof pendingSignIn>; granted: Granted },
): Promise<void> {
  const { orgId, tokenRef } = profile;
  const { issuer, origin, discovered } = pending;
  const tokens = toStored(granted, { issuer, client: origin, now: deps.now().getTime(), before: null });
  for (;;) {
    const stored = await readTokens(deps.secrets, profile);
    if (!stored || tokenRef === null) throw unknownSignIn();
    if (await deps.secrets.replace(orgId, tokenRef, { generation: stored.generation, value: tokens })) break;
  }
  await recordTokens(deps, profile, {
    tokens,
    data: {
      issuer,
      ...(origin === 'entered' && { clientIssuer: issuer }),
      discovered: toJson(discovered),
      actsAs: granted.user,
      neededScope: null,
      noticedEndsAt: null,
      signedInAt: deps.now(),
    },
  });
}
