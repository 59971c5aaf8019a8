import { freshnessOf, isEndNear } from '../../../domain/oauth/lifetime.ts';
import { isOAuthError } from '../../../infra/oauth/index.ts';
import { forEachConcurrent } from '../../context/concurrency.ts';
import type { Deps } from '../../context/context.ts';
import { loadOAuthProfile, type ProfileRef } from './profile.ts';
import { recordEndNear } from './record.ts';
import { renewTokens } from './renew.ts';

/** Profiles that one pass works on. The next one, a minute later, continues. */
const maxProfiles = 100;
const noticeMs = 72 * 3_600_000;
const usable = { authProfile: { archivedAt: null, server: { archivedAt: null } } };

/**
 * Refreshes the tokens that are due, whether or not anything uses them, and notifies of sign-ins that end soon. Over
 * all organizations, bounded. Not a use case: part of reconcile.
 */
export async function keepSignedIn(
  deps: Deps,
  { onProgress = () => {} }: { onProgress?: () => void } = {},
): Promise<{ tokensRefreshed: number; endsNotified: number }> {
  const { db, log, now } = deps;
  const done = { tokensRefreshed: 0, endsNotified: 0 };
  const due = await db.oAuthProfile.findMany({
    where: { state: 'signed_in', refreshAt: { lte: now() }, ...usable },
    orderBy: { refreshAt: 'asc' },
    take: maxProfiles,
    select: { orgId: true, authProfileId: true },
  });
  await forEachConcurrent(due, { concurrency: 16, onProgress, log }, async (ref) => {
    if (await refresh(deps, ref)) done.tokensRefreshed += 1;
  });
  const ending = await db.oAuthProfile.findMany({
    where: { state: 'signed_in', endsAt: { gt: now(), lte: new Date(now().getTime() + noticeMs) }, ...usable },
    orderBy: { endsAt: 'asc' },
    take: maxProfiles,
    select: { orgId: true, authProfileId: true, endsAt: true, noticedEndsAt: true, signedInAt: true },
  });
  await forEachConcurrent(ending, { concurrency: 4, onProgress, log }, async (row) => {
    const { endsAt, noticedEndsAt, signedInAt, ...ref } = row;
    if (!endsAt || noticedEndsAt?.getTime() === endsAt.getTime()) return;
    // Nobody has to be told of what was short from its beginning.
    const isShort = signedInAt !== null && endsAt.getTime() - signedInAt.getTime() < noticeMs;
    if (isShort || !isEndNear(endsAt.getTime(), now().getTime())) return;
    await recordEndNear(deps, await loadOAuthProfile(deps, ref), endsAt);
    done.endsNotified += 1;
  });
  return done;
}

/** @returns whether it has fresh tokens now; what failed is recorded in the profile */
async function refresh(deps: Deps, ref: ProfileRef): Promise<boolean> {
  const isNeeded = (tokens: Parameters<typeof freshnessOf>[0] & { accessToken: string | null }) =>
    tokens.accessToken === null || freshnessOf(tokens, deps.now().getTime()) !== 'fresh';
  try {
    const tokens = await deps.renewals.run(() => renewTokens(deps, ref, { isNeeded, waits: false }));
    return !isNeeded(tokens);
  } catch (error) {
    if (!isOAuthError(error)) throw error;
    return false;
  }
}
