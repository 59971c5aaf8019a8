import type { IncidentCause } from '../../../domain/incident/incident.ts';
import { isTransportError, sweepVerdict } from '../../../domain/incident/sweep-verdict.ts';
import type { CheckErrorKind, CheckOutcome } from '../../../domain/monitor/monitor.ts';
import type { Tx } from '../../../infra/db/index.ts';
import { findOvertakenMonitors } from '../../../infra/db/queries/check.ts';
import { findFailingSubjects } from '../../../infra/db/queries/incident.ts';
import type { Deps } from '../../context/context.ts';
import type { DeliveryRef } from '../../delivery/schema.ts';
import { notifyIn } from './notify.ts';
import { type Incident, recordObservationsIn, type SubjectObservation } from './record.ts';
import { lockSubjects, type Subjects, saveSubjects, subjectId } from './subject.ts';
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
  /** Why it failed, for people. */
  message: string | null;
  latencyMs: number | null;
  degradedBy: readonly string[];
};

/**
 * Records the checks of one batch in the incidents of their monitors and server, in the transaction that inserts them.
 * Only checks that it inserted; those that were not reached are ignored. When all pass and nothing is open this is one
 * query.
 * @param batch.answered whether the server has answered an earlier check of the same batch
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
  }: { orgId: string; serverId: string; checks: readonly ObservedCheck[]; answered?: boolean },
): Promise<DeliveryRef[]> {
  const checks = given.filter(({ errorKind }) => errorKind !== 'not_reached');
  if (checks.length === 0) return [];
  const openBefore = await findOpenSubjects(tx, {
    orgId,
    serverId,
    monitorIds: checks.map(({ monitorId }) => monitorId),
  });
  const verdict = answered ? 'up' : sweepVerdict(checks);
  const relevant = checks.filter(
    ({ outcome, monitorId }) => outcome !== 'pass' || openBefore.has(subjectId({ kind: 'monitor', key: monitorId })),
  );
  const server = { kind: 'server' as const, key: serverId };
  const isServerRelevant = verdict === 'down' || openBefore.has(subjectId(server));
  if (relevant.length === 0 && !isServerRelevant) return [];

  const subjects = await lockSubjects(tx, orgId, [
    ...relevant.map(({ monitorId }) => ({ kind: 'monitor' as const, key: monitorId })),
    ...(isServerRelevant ? [server] : []),
  ]);
  const overtaken = await findOvertaken(tx, orgId, subjects, relevant);
  const incidents: Incident[] = [];
  if (isServerRelevant && verdict !== null) {
    const observations = [observeServer(serverId, verdict, checks)];
    incidents.push(...(await recordObservationsIn(tx, { orgId, subjects, observations })));
  }
  const serverIncidentId = subjects.get(subjectId(server))?.state.open?.incidentId ?? null;
  if (serverIncidentId !== null && !openBefore.has(subjectId(server)))
    await tx.incident.updateMany({
      where: { orgId, serverId, subjectKind: 'monitor', closedAt: null },
      data: { parentId: serverIncidentId },
    });
  const observations = relevant
    .filter(({ monitorId }) => !overtaken.has(monitorId))
    .map((check) => observeMonitor(serverId, check, isTransportError(check) ? serverIncidentId : null));
  incidents.push(...(await recordObservationsIn(tx, { orgId, subjects, observations })));
  const deliveries = await notifyIn(tx, deps, { orgId, subjects, incidents });
  await saveSubjects(tx, orgId, [...subjects.values()]);
  return deliveries;
}

async function findOpenSubjects(
  tx: Tx,
  { orgId, serverId, monitorIds }: { orgId: string; serverId: string; monitorIds: string[] },
): Promise<Set<string>> {
  const rows = await findFailingSubjects(tx, { orgId, serverId, monitorIds });
  return new Set(rows.map(subjectId));
}

/**
 * Monitors whose failure a later check has overtaken. A pass with nothing open is not recorded on the subject, so that
 * healthy monitors cost nothing; so before an incident opens, the checks themselves are read.
 */
async function findOvertaken(
  tx: Tx,
  orgId: string,
  subjects: Subjects,
  relevant: readonly ObservedCheck[],
): Promise<Set<string>> {
  const opening = relevant.filter(
    ({ outcome, monitorId }) =>
      outcome !== 'pass' && !subjects.get(subjectId({ kind: 'monitor', key: monitorId }))?.state.open,
  );
  if (opening.length === 0) return new Set();
  return findOvertakenMonitors(tx, { orgId, checks: opening });
}

function observeServer(serverId: string, verdict: 'up' | 'down', checks: readonly ObservedCheck[]): SubjectObservation {
  const at = Math.max(...checks.map((check) => check.at.getTime()));
  const first = checks.find(isTransportError);
  const level = verdict === 'up' ? ('ok' as const) : ('bad' as const);
  return {
    kind: 'server',
    key: serverId,
    serverId,
    observation: { at, level, outcome: verdict === 'up' ? 'pass' : 'unreachable' },
    cause: {
      outcome: 'unreachable',
      ...(first?.errorKind && { errorKind: first.errorKind }),
      ...(first?.message && { message: toCauseLine(first.message) }),
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
