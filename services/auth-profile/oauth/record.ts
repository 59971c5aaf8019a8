import { notificationState } from '../../../domain/incident/state.ts';
import type { Tx } from '../../../infra/db/index.ts';
import { absorbIntoProfile } from '../../../infra/db/queries/incident.ts';
import { Prisma } from '../../../prisma/generated/client.ts';
import type { Deps } from '../../context/context.ts';
import { toJson } from '../../context/use-case.ts';
import { startDeliveries } from '../../delivery/start.ts';
import { notifyIn } from '../../incident/recording/notify.ts';
import { profileSubject } from '../../incident/recording/observe-profiles.ts';
import { recordObservationsIn } from '../../incident/recording/record.ts';
import { lockSubjects, saveSubjects, subjectId } from '../../incident/recording/subject.ts';
import { toCauseLine } from '../../incident/recording/text.ts';
import type { OAuthProfile, ProfileRef, SignInProblem } from './profile.ts';
import { type StoredTokens, toEnd, toRefreshAt } from './stored.ts';

type Of = ProfileRef & Pick<OAuthProfile, 'kind' | 'server'>;

const date = (ms: number | null): Date | null => (ms === null ? null : new Date(ms));

/** Lets the row follow tokens that were stored, and closes the profile's incident. Doing it again changes nothing. */
export async function recordTokens(
  deps: Deps,
  of: Of,
  { tokens, data = {} }: { tokens: StoredTokens; data?: Prisma.OAuthProfileUncheckedUpdateManyInput },
): Promise<void> {
  const { orgId, authProfileId, kind } = of;
  const endsAt = toEnd(kind, tokens);
  await deps.db.oAuthProfile.updateMany({
    where: { orgId, authProfileId },
    data: {
      state: 'signed_in',
      problem: Prisma.DbNull,
      scope: tokens.scope,
      tokenExpiresAt: date(tokens.expiresAt),
      refreshAt: date(toRefreshAt(kind, tokens)),
      endsAt: date(endsAt),
      ...data,
    },
  });
  await observe(deps, of, { level: 'ok', outcome: 'signed_in' });
}

/** Lets the row follow stored tokens where the process that got them may have died before. @returns the tokens */
export async function followTokens(
  deps: Deps,
  of: Of & Pick<OAuthProfile, 'retryAt'>,
  tokens: StoredTokens,
): Promise<StoredTokens> {
  const isBehind = tokens.accessToken !== null && (of.retryAt?.getTime() ?? null) !== toRefreshAt(of.kind, tokens);
  if (isBehind) await recordTokens(deps, of, { tokens });
  return tokens;
}

/** Records that a person has to act, in the profile and in its incident. */
export async function recordEnded(deps: Deps, of: Of, problem: SignInProblem, retryAt: Date | null): Promise<void> {
  const { orgId, authProfileId } = of;
  await deps.db.oAuthProfile.updateMany({
    where: { orgId, authProfileId },
    data: { state: 'ended', problem: toJson(problem), refreshAt: retryAt },
  });
  await observe(deps, of, { level: 'bad', outcome: 'sign_in_ended', message: problem.message });
}

/** Records a failure that may pass, and when to try again. */
export async function recordLater(
  { db }: Pick<Deps, 'db'>,
  { orgId, authProfileId }: ProfileRef,
  problem: SignInProblem,
  retryAt: Date,
): Promise<void> {
  await db.oAuthProfile.updateMany({
    where: { orgId, authProfileId },
    data: { problem: toJson(problem), refreshAt: retryAt },
  });
}

/** Notifies of the end of a sign-in that is near, once for each end. */
export async function recordEndNear(deps: Deps, of: Of, endsAt: Date): Promise<void> {
  const { orgId, authProfileId } = of;
  const message = `The sign-in ends on ${endsAt.toISOString().slice(0, 16).replace('T', ' at ')} UTC. Sign in again before.`;
  await observe(deps, of, { level: 'warn', outcome: 'sign_in_ends', message });
  await deps.db.oAuthProfile.updateMany({ where: { orgId, authProfileId }, data: { noticedEndsAt: endsAt } });
}

type Seen = { level: 'ok' | 'warn' | 'bad'; outcome: string; message?: string };

async function observe(deps: Deps, { orgId, authProfileId, server }: Of, seen: Seen): Promise<void> {
  const { level, outcome, message } = seen;
  const subject = profileSubject(authProfileId);
  // Nothing to close: the usual case needs no lock.
  if (level === 'ok' && !(await isOpen(deps, orgId, authProfileId))) return;
  const deliveries = await deps.db.$transaction(async (tx) => {
    const subjects = await lockSubjects(tx, orgId, [subject]);
    const state = subjects.get(subjectId(subject))?.state;
    if ((state?.open?.level ?? 'ok') === level) return [];
    if (state?.open?.level === 'warn') await forgetNotice(tx, orgId, state.open.incidentId);
    const at = Math.max(deps.now().getTime(), (state?.seenAt ?? 0) + 1);
    const incidents = await recordObservationsIn(tx, {
      orgId,
      subjects,
      observations: [
        {
          ...subject,
          serverId: server.id,
          observation: { at, level, outcome },
          cause: {
            outcome,
            ...(outcome === 'sign_in_ended' && { reason: 'not signed in' }),
            ...(message !== undefined && { message: toCauseLine(message) }),
          },
        },
      ],
      now: deps.now(),
    });
    const incidentId = subjects.get(subjectId(subject))?.state.open?.incidentId;
    if (level === 'bad' && incidentId !== undefined) await absorbIntoProfile(tx, { orgId, authProfileId, incidentId });
    const refs = await notifyIn(tx, deps, { orgId, subjects, incidents });
    await saveSubjects(tx, orgId, [...subjects.values()]);
    return refs;
  });
  await startDeliveries(deps, deliveries);
}

/** That a sign-in has ended is notified though it was notified that it would. */
async function forgetNotice(tx: Tx, orgId: string, incidentId: string): Promise<void> {
  for (const { ruleId, state } of await tx.incidentTelling.findMany({ where: { orgId, incidentId } }))
    await tx.incidentTelling.updateMany({
      where: { orgId, incidentId, ruleId },
      data: { state: toJson({ ...notificationState.parse(state), notified: false }) },
    });
}

const isOpen = async ({ db }: Deps, orgId: string, key: string): Promise<boolean> =>
  (await db.incident.count({ where: { orgId, subjectKind: 'auth_profile', subjectKey: key, closedAt: null } })) > 0;
