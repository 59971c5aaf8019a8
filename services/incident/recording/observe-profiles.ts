import { profileVerdict } from '../../../domain/incident/sweep-verdict.ts';
import type { Tx } from '../../../infra/db/index.ts';
import { absorbIntoProfile } from '../../../infra/db/queries/incident.ts';
import type { ObservedCheck } from './observe-checks.ts';
import type { SubjectObservation } from './record.ts';
import { type SubjectKey, type Subjects, subjectId } from './subject.ts';
import { toCauseLine } from './text.ts';

/** An auth profile that checks of a batch were made with, and what they say of it. */
type ObservedProfile = {
  subject: SubjectKey;
  verdict: ReturnType<typeof profileVerdict>;
  checks: readonly ObservedCheck[];
};

export const profileSubject = (id: string): SubjectKey => ({ kind: 'auth_profile', key: id });

/** The auth profiles whose incident these checks may open, continue or close. */
export function findObservedProfiles(
  checks: readonly ObservedCheck[],
  { openBefore, notRefused }: { openBefore: ReadonlySet<string>; notRefused: ReadonlySet<string> },
): ObservedProfile[] {
  return [...Map.groupBy(checks, ({ profile }) => profile?.id)].flatMap(([id, ofProfile]) => {
    if (id === undefined) return [];
    const subject = profileSubject(id);
    const isOpen = openBefore.has(subjectId(subject));
    const judged = profileVerdict(ofProfile.map((check) => ({ ...check, refusal: check.profile?.refusal ?? null })));
    const verdict = judged !== 'accepted' && notRefused.has(id) ? null : judged;
    const opens = verdict !== 'accepted' && ofProfile.some(({ canOpenIncident = true }) => canOpenIncident);
    return verdict !== null && (isOpen || opens) ? [{ subject, verdict, checks: ofProfile }] : [];
  });
}

export function observeProfile(serverId: string, { subject, verdict, checks }: ObservedProfile): SubjectObservation {
  const at = Math.max(...checks.map((check) => check.at.getTime()));
  const refusal = verdict === 'accepted' || verdict === null ? null : verdict.refusal;
  const example = checks.find(({ profile }) => refusal !== null && profile?.refusal === refusal);
  return {
    ...subject,
    serverId,
    observation: { at, level: refusal === null ? 'ok' : 'bad', outcome: refusal === null ? 'pass' : 'refused' },
    cause: {
      outcome: 'refused',
      ...(refusal !== null && { reason: refusal }),
      ...(example?.errorKind && { errorKind: example.errorKind }),
      ...(example?.message && { message: toCauseLine(example.message) }),
      checkAt: new Date(at).toISOString(),
    },
  };
}

/** Makes the open incidents of what connects with these profiles part of the profiles' incidents that just opened. */
export async function absorbIn(
  tx: Tx,
  {
    orgId,
    profiles,
    subjects,
    openBefore,
  }: {
    orgId: string;
    profiles: readonly ObservedProfile[];
    subjects: Subjects;
    openBefore: ReadonlySet<string>;
  },
): Promise<void> {
  for (const { subject } of profiles) {
    const incidentId = subjects.get(subjectId(subject))?.state.open?.incidentId;
    if (incidentId !== undefined && !openBefore.has(subjectId(subject)))
      await absorbIntoProfile(tx, { orgId, authProfileId: subject.key, incidentId });
  }
}
