import type { IncidentCause } from '../../../domain/incident/incident.ts';
import { isTransportError, sweepVerdict } from '../../../domain/incident/sweep-verdict.ts';
import type { CheckErrorKind, CheckOutcome } from '../../../domain/monitor/monitor.ts';
import type { Tx } from '../../../infra/db/index.ts';
import { findOvertakenMonitors } from '../../../infra/db/queries/check.ts';
import { findFailingSubjects } from '../../../infra/db/queries/incident.ts';
import type { Deps } from '../../context/context.ts';
import type { DeliveryRef } from '../../delivery/ref.ts';
import { tellIn } from './notify.ts';
import { type Incident, type Seen, takeIn } from './record.ts';
import { lockSubjects, nameOf, type Subjects, saveSubjects } from './subject.ts';
import { kept } from './text.ts';

/** A check that was carried out, as incidents see it. Texts are redacted. */
export type ObservedCheck = {
  monitorId: string;
  /** The monitor's. */
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
 * Takes the checks of one batch of one server to the incidents of its monitors and its own, in the transaction that inserts them (those
 * that it inserted, none of another call). The deliveries are written with them and started after the commit. Checks that were not
 * reached are left out. All passing with nothing open costs one query.
 * @param batch.answered the server has answered another check of the same sweep, which is written already
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
  const openBefore = await openOf(tx, { orgId, serverId, monitorIds: checks.map(({ monitorId }) => monitorId) });
  const verdict = answered ? 'up' : sweepVerdict(checks);
  const concerned = checks.filter(
    ({ outcome, monitorId }) => outcome !== 'pass' || openBefore.has(nameOf({ kind: 'monitor', key: monitorId })),
  );
  const server = { kind: 'server' as const, key: serverId };
  const isServerConcerned = verdict === 'down' || openBefore.has(nameOf(server));
  if (concerned.length === 0 && !isServerConcerned) return [];

  const subjects = await lockSubjects(tx, orgId, [
    ...concerned.map(({ monitorId }) => ({ kind: 'monitor' as const, key: monitorId })),
    ...(isServerConcerned ? [server] : []),
  ]);
  const late = await overtaken(tx, orgId, subjects, concerned);
  const touched: Incident[] = [];
  if (isServerConcerned && verdict !== null) {
    const seen = serverSeen(serverId, verdict, checks);
    touched.push(...(await takeIn(tx, { orgId, subjects, seen: [seen] })));
  }
  const down = subjects.get(nameOf(server))?.state.open?.incidentId ?? null;
  if (down !== null && !openBefore.has(nameOf(server)))
    await tx.incident.updateMany({
      where: { orgId, serverId, subjectKind: 'monitor', closedAt: null },
      data: { parentId: down },
    });
  const seen = concerned
    .filter(({ monitorId }) => !late.has(monitorId))
    .map((check) => monitorSeen(serverId, check, isTransportError(check) ? down : null));
  touched.push(...(await takeIn(tx, { orgId, subjects, seen })));
  const deliveries = await tellIn(tx, deps, { orgId, subjects, incidents: touched });
  await saveSubjects(tx, orgId, [...subjects.values()]);
  return deliveries;
}

async function openOf(
  tx: Tx,
  { orgId, serverId, monitorIds }: { orgId: string; serverId: string; monitorIds: string[] },
): Promise<Set<string>> {
  const rows = await findFailingSubjects(tx, { orgId, serverId, monitorIds });
  return new Set(rows.map(nameOf));
}

/**
 * Failures that a later check has overtaken: what passes while nothing is open leaves no trace on the subject, so that healthy
 * monitors cost nothing; before something opens, the checks themselves are asked.
 */
async function overtaken(
  tx: Tx,
  orgId: string,
  subjects: Subjects,
  concerned: readonly ObservedCheck[],
): Promise<Set<string>> {
  const opening = concerned.filter(
    ({ outcome, monitorId }) =>
      outcome !== 'pass' && !subjects.get(nameOf({ kind: 'monitor', key: monitorId }))?.state.open,
  );
  if (opening.length === 0) return new Set();
  return findOvertakenMonitors(tx, { orgId, checks: opening });
}

function serverSeen(serverId: string, verdict: 'up' | 'down', checks: readonly ObservedCheck[]): Seen {
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
      ...(first?.message && { message: kept(first.message) }),
      checkAt: new Date(at).toISOString(),
    },
  };
}

const levels = { pass: 'ok', degraded: 'warn', fail: 'bad', error: 'bad' } as const;

function monitorSeen(serverId: string, check: ObservedCheck, parentId: string | null): Seen {
  const { monitorId, at, outcome, errorKind, degradedBy } = check;
  const message = outcome === 'degraded' ? degradedBy.join('; ') : check.message;
  const cause: IncidentCause = {
    outcome,
    ...(errorKind && { errorKind }),
    ...(message && { message: kept(message) }),
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
