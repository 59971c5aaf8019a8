import type { IncidentCause } from '../../../domain/incident/incident.ts';
import { mainFailure, sweepVerdict } from '../../../domain/incident/sweep-verdict.ts';
import type { CheckErrorKind, CheckOutcome } from '../../../domain/monitor/monitor.ts';
import { maxClockSkewMs } from '../../../domain/values/clock.ts';
import type { Tx } from '../../../infra/db/index.ts';
import { findOvertakenMonitors } from '../../../infra/db/queries/check.ts';
import { findFailingSubjects } from '../../../infra/db/queries/incident.ts';
import type { Deps } from '../../context/context.ts';
import type { DeliveryRef } from '../../delivery/schema.ts';
import { notifyIn } from './notify.ts';
import { absorbIn, findObservedProfiles, observeProfile, profileSubject } from './observe-profiles.ts';
import { recordObservationsIn, type SubjectObservation } from './record.ts';
import { lockSubjects, type SubjectKey, type Subjects, saveSubjects, subjectId } from './subject.ts';
import { toCauseLine } from './text.ts';

/** A finished check as incidents see it. Texts are redacted. */
export type ObservedCheck = {
  monitorId: string;
  /** Of the monitor. */
  name: string;
  /** Nominal time. */
  at: Date;
  outcome: CheckOutcome;
  errorKind: CheckErrorKind | null;
  /** Why the server as a whole did not answer, in a few words; null for an answer. */
  serverFailure: string | null;
  /** What it was made with, and how the server refused that, in a few words; null if it didn't. */
  profile?: { id: string; refusal: string | null };
  /** Why it failed, for people. */
  message: string | null;
  latencyMs: number | null;
  degradedBy: readonly string[];
  /** False for a monitor that has never passed, and in maintenance. @default true */
  canOpenIncident?: boolean;
};

/**
 * Records the checks of one batch in the incidents of their monitors and server, in the transaction that inserts them.
 * Only checks that it inserted; those that were not reached are ignored. When all pass and nothing is open this is one
 * query.
 * @param batch.answered whether the server has answered an earlier check of the same batch
 * @param batch.notRefused auth profiles of which an earlier check of the same batch was not refused
 * @returns the deliveries to start after the commit
 */
export async function observeChecksIn(
  tx: Tx,
  deps: Pick<Deps, 'now'>,
  {
    orgId,
    serverId,
    checks: given,
    answered = false,
    notRefused = new Set(),
  }: {
    orgId: string;
    serverId: string;
    checks: readonly ObservedCheck[];
    answered?: boolean;
    notRefused?: ReadonlySet<string>;
  },
): Promise<DeliveryRef[]> {
  const checks = given.filter(({ errorKind }) => errorKind !== 'not_reached');
  if (checks.length === 0) return [];
  const server = { kind: 'server' as const, key: serverId };
  const openBefore = await findOpenSubjects(tx, {
    orgId,
    serverId,
    monitorIds: checks.map(({ monitorId }) => monitorId),
    profileIds: [...new Set(checks.flatMap(({ profile }) => profile?.id ?? []))],
  });
  const canOpen = openBefore.has(subjectId(server)) || checks.some(({ canOpenIncident = true }) => canOpenIncident);
  const verdict = answered ? 'up' : canOpen ? sweepVerdict(checks) : null;
  const relevant = checks.filter(
    ({ outcome, monitorId, canOpenIncident = true }) =>
      (outcome !== 'pass' && canOpenIncident) || openBefore.has(subjectId({ kind: 'monitor', key: monitorId })),
  );
  const isServerRelevant = verdict === 'down' || openBefore.has(subjectId(server));
  const profiles = findObservedProfiles(checks, { openBefore, notRefused });
  if (relevant.length === 0 && !isServerRelevant && profiles.length === 0) return [];

  const subjects = await lockSubjects(tx, orgId, [
    ...relevant.map(({ monitorId }) => ({ kind: 'monitor' as const, key: monitorId })),
    ...(isServerRelevant ? [server] : []),
    ...profiles.map(({ subject }) => subject),
    // Of profiles that are refused already, to absorb the incidents of their monitors.
    ...relevant.flatMap(({ profile }) => {
      const subject = profile && profileSubject(profile.id);
      return subject && openBefore.has(subjectId(subject)) ? [subject] : [];
    }),
  ]);
  const now = deps.now();
  const overtaken = await findOvertaken(tx, { orgId, subjects, relevant, now });
  const incidents = await recordObservationsIn(tx, {
    orgId,
    subjects,
    observations: [
      ...(isServerRelevant && verdict !== null ? [observeServer(serverId, verdict, checks)] : []),
      ...profiles
        // That a sign-in will end is no failure that a check could end.
        .filter(({ subject, verdict }) => verdict !== 'accepted' || !isWarning(subjects, subject))
        .map((profile) => observeProfile(serverId, profile)),
    ],
    now,
  });
  const serverIncidentId = subjects.get(subjectId(server))?.state.open?.incidentId ?? null;
  if (serverIncidentId !== null && !openBefore.has(subjectId(server)))
    await tx.incident.updateMany({
      where: { orgId, serverId, subjectKind: 'monitor', closedAt: null },
      data: { parentId: serverIncidentId },
    });
  await absorbIn(tx, { orgId, profiles, subjects, openBefore });
  const findParent = ({ serverFailure, profile }: ObservedCheck): string | null => {
    if (serverFailure !== null) return serverIncidentId;
    if (!profile || profile.refusal === null) return null;
    return subjects.get(subjectId(profileSubject(profile.id)))?.state.open?.incidentId ?? null;
  };
  const observations = relevant
    .filter(({ monitorId }) => !overtaken.has(monitorId))
    .map((check) => observeMonitor(serverId, check, findParent(check)));
  incidents.push(...(await recordObservationsIn(tx, { orgId, subjects, observations, now })));
  const deliveries = await notifyIn(tx, deps, { orgId, subjects, incidents });
  await saveSubjects(tx, orgId, [...subjects.values()]);
  return deliveries;
}

const isWarning = (subjects: Subjects, subject: SubjectKey): boolean =>
  subjects.get(subjectId(subject))?.state.open?.level === 'warn';

async function findOpenSubjects(
  tx: Tx,
  of: { orgId: string; serverId: string; monitorIds: string[]; profileIds: string[] },
): Promise<Set<string>> {
  const rows = await findFailingSubjects(tx, of);
  return new Set(rows.map(subjectId));
}

/**
 * Monitors whose failure a later check has overtaken. A pass with nothing open is not recorded on the subject, so that
 * healthy monitors cost nothing; so before an incident opens, the checks themselves are read.
 */
async function findOvertaken(
  tx: Tx,
  {
    orgId,
    subjects,
    relevant,
    now,
  }: { orgId: string; subjects: Subjects; relevant: readonly ObservedCheck[]; now: Date },
): Promise<Set<string>> {
  const opening = relevant.filter(
    ({ outcome, monitorId }) =>
      outcome !== 'pass' && !subjects.get(subjectId({ kind: 'monitor', key: monitorId }))?.state.open,
  );
  if (opening.length === 0) return new Set();
  return findOvertakenMonitors(tx, { orgId, checks: opening, until: new Date(now.getTime() + maxClockSkewMs) });
}

function observeServer(serverId: string, verdict: 'up' | 'down', checks: readonly ObservedCheck[]): SubjectObservation {
  const at = Math.max(...checks.map((check) => check.at.getTime()));
  const reason = mainFailure(checks);
  const example = checks.find(({ serverFailure }) => serverFailure === reason);
  const level = verdict === 'up' ? ('ok' as const) : ('bad' as const);
  return {
    kind: 'server',
    key: serverId,
    serverId,
    observation: { at, level, outcome: verdict === 'up' ? 'pass' : 'unreachable' },
    cause: {
      outcome: 'unreachable',
      ...(reason !== null && { reason }),
      ...(example?.errorKind && { errorKind: example.errorKind }),
      ...(example?.message && { message: toCauseLine(example.message) }),
      checkAt: new Date(at).toISOString(),
    },
  };
}

const levels = { pass: 'ok', degraded: 'warn', fail: 'bad', error: 'bad' } as const;

function observeMonitor(serverId: string, check: ObservedCheck, parentId: string | null): SubjectObservation {
  const { monitorId, at, outcome, errorKind, degradedBy } = check;
  const message = outcome === 'degraded' ? degradedBy.join('; ') : check.message;
  const cause: IncidentCause = {
    outcome,
    ...(errorKind && { errorKind }),
    ...(check.serverFailure !== null && { reason: check.serverFailure }),
    ...(message && { message: toCauseLine(message) }),
    checkAt: at.toISOString(),
  };
  return {
    kind: 'monitor',
    key: monitorId,
    serverId,
    monitorId,
    observation: { at: at.getTime(), level: levels[outcome], outcome },
    cause,
    parentId,
  };
}
