import { endNotification } from '../../../domain/incident/decide.ts';
import type { EndReason } from '../../../domain/incident/incident.ts';
import { type IncidentTarget, isFailing, matchesTarget } from '../../../domain/incident/rule-matching.ts';
import { notificationState, type SubjectState } from '../../../domain/incident/state.ts';
import { alertConditions, destination, ruleTargetKinds } from '../../../domain/notification/rule.ts';
import { oneOf } from '../../../domain/values/closed-set.ts';
import type { Tx } from '../../../infra/db/index.ts';
import { findEndedRules, saveNotificationStates } from '../../../infra/db/queries/incident.ts';
import type { AlertRuleModel } from '../../../prisma/generated/models.ts';
import type { Deps } from '../../context/context.ts';
import type { DeliveryRef } from '../../delivery/schema.ts';
import { startDeliveries } from '../../delivery/start.ts';
import { createDeliveriesIn, type Notification } from './create-deliveries.ts';
import { findAffected, toTarget } from './notify.ts';
import { type Incident, toIncident } from './record.ts';
import { lockSubjects, subjectId } from './subject.ts';

/** Incidents of one rule that one pass ends. The next pass of reconcile does the rest. */
const maxIncidents = 200;
/** How far back reconcile looks at edited rules: their edit itself ends what they no longer notify of. */
const editedWithinMs = 10 * 60_000;

/**
 * Closes, for their recipients, the incidents that a rule has notified of and no longer follows: it was paused,
 * deleted, or edited so that it doesn't match them or sends elsewhere. Call it after the change; a second call does
 * nothing.
 */
export async function endNotificationsOfRule(deps: Deps, { orgId, ruleId }: { orgId: string; ruleId: string }) {
  const deliveries = await deps.db.$transaction((tx) => endNotificationsIn(tx, deps, { orgId, ruleId }));
  await startDeliveries(deps, deliveries);
}

/** The same for rules whose change didn't get to it. Part of reconcile, over all organizations. */
export async function sweepEndedRules(deps: Deps): Promise<void> {
  const editedAfter = new Date(deps.now().getTime() - editedWithinMs);
  for (const rule of await findEndedRules(deps.db, { editedAfter, limit: maxIncidents }))
    await endNotificationsOfRule(deps, rule);
}

async function endNotificationsIn(
  tx: Tx,
  deps: Pick<Deps, 'now'>,
  { orgId, ruleId }: { orgId: string; ruleId: string },
): Promise<DeliveryRef[]> {
  const notified = { orgId, ruleId, state: { path: ['notified'], equals: true } };
  const found = await tx.incidentTelling.findMany({
    where: notified,
    select: { incident: true },
    orderBy: { incidentId: 'asc' },
    take: maxIncidents,
  });
  if (found.length === 0) return [];
  const incidents = new Map(found.map(({ incident }) => [incident.id, toIncident(incident)]));
  const subjects = await lockSubjects(tx, orgId, [...incidents.values()]);
  // Read again under the locks.
  const rows = await tx.incidentTelling.findMany({
    where: { ...notified, incidentId: { in: [...incidents.keys()] } },
    include: { incident: true },
  });
  const rule = await tx.alertRule.findFirstOrThrow({ where: { orgId, id: ruleId } });
  const sentTo = await findDestinations(tx, { orgId, ruleId, incidentIds: rows.map(({ incidentId }) => incidentId) });
  const affected = await findAffected(tx, orgId, [...incidents.values()]);
  const at = deps.now();
  const notifications: Notification[] = [];
  const saved = rows.flatMap(({ incidentId, state, incident: row }) => {
    const incident = toIncident(row);
    const subject = subjects.get(subjectId(incident))?.state;
    const to = sentTo.get(incidentId) ?? rule.destination;
    const reason = findEnd({ rule, incident, target: toTarget(incident, affected), subject, to });
    if (reason === null) return [];
    const kind = incident.closeReason === 'recovered' ? ('recovered' as const) : ('closed' as const);
    const { notification, notice } = endNotification(notificationState.parse(state), kind);
    const failsAgain = incident.closedAt !== null && subject?.open != null;
    if (alertConditions.parse(rule.conditions).tellRecovery)
      notifications.push({ rule, incident, notice, destination: to, end: { reason, of: 'rule' }, failsAgain });
    // A rule that goes on decides anew, such as when it sends elsewhere.
    return [{ ruleId, incidentId, state: notification, dueAt: incident.closedAt === null ? at : null }];
  });
  if (saved.length > 0) await saveNotificationStates(tx, { orgId, rows: saved });
  return createDeliveriesIn(tx, { orgId, at, notifications });
}

/** Why a rule no longer follows an incident; null if it does. */
function findEnd(of: {
  rule: AlertRuleModel;
  incident: Incident;
  target: IncidentTarget;
  subject: SubjectState | undefined;
  to: unknown;
}): EndReason | null {
  const { rule, incident, target, subject, to } = of;
  if (rule.archivedAt !== null) return 'deleted';
  if (rule.state === 'paused') return 'paused';
  if (!isSameDestination(rule.destination, to)) return 'changed';
  // Its end is notified when a mute or maintenance is over.
  if (incident.closedAt !== null || !subject) return null;
  const targetKind = oneOf(ruleTargetKinds, rule.targetKind);
  const isFollowed =
    matchesTarget({ targetKind, targetId: rule.targetId }, target) &&
    isFailing(alertConditions.parse(rule.conditions), subject);
  return isFollowed ? null : 'changed';
}

const isSameDestination = (one: unknown, other: unknown): boolean => {
  const [a, b] = [destination.safeParse(one), destination.safeParse(other)];
  return a.success && b.success && JSON.stringify(a.data) === JSON.stringify(b.data);
};

/** Where the rule last sent a notification of each incident. */
async function findDestinations(
  tx: Tx,
  { orgId, ruleId, incidentIds }: { orgId: string; ruleId: string; incidentIds: string[] },
): Promise<Map<string, unknown>> {
  const rows = await tx.delivery.findMany({
    where: { orgId, ruleId, incidentId: { in: incidentIds } },
    orderBy: { sequence: 'asc' },
    select: { incidentId: true, destination: true },
  });
  return new Map(rows.flatMap(({ incidentId, destination: to }) => (incidentId === null ? [] : [[incidentId, to]])));
}
