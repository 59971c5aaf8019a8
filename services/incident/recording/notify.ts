import { decide, type Notice } from '../../../domain/incident/decide.ts';
import { matchesTarget } from '../../../domain/incident/rule-matching.ts';
import { type NotificationState, notificationState } from '../../../domain/incident/state.ts';
import { alertConditions, type RuleTargetKind, ruleTargetKinds } from '../../../domain/notification/rule.ts';
import { toAlertMessage } from '../../../domain/notification/text.ts';
import { oneOf } from '../../../domain/values/closed-set.ts';
import type { Tx } from '../../../infra/db/index.ts';
import { markRulesFired } from '../../../infra/db/queries/alert-rule.ts';
import { saveNotificationStates } from '../../../infra/db/queries/incident.ts';
import { Prisma } from '../../../prisma/generated/client.ts';
import type { AlertRuleModel } from '../../../prisma/generated/models.ts';
import type { Deps } from '../../context/context.ts';
import { newId } from '../../context/ids.ts';
import { toJson } from '../../context/use-case.ts';
import type { DeliveryRef } from '../../delivery/schema.ts';
import { isInMaintenance } from '../../maintenance/active.ts';
import { findSubjectNames } from '../subject-names.ts';
import type { Incident } from './record.ts';
import { type Subjects, subjectId } from './subject.ts';

/** Rules of one organization that are evaluated per incident. */
const maxRules = 1000;

type Notification = { rule: AlertRuleModel; incident: Incident; notice: Notice };
type Recorded = { ruleId: string; incidentId: string; state: NotificationState; dueAt: Date | null };

/**
 * Lets the rules decide about incidents that changed or are due, and writes the result: notification states, pending
 * deliveries, and when the rules last fired. The subjects must be locked; their states change, and the caller saves
 * them. Absorbed incidents are left out. @returns the deliveries to start after the commit.
 */
export async function notifyIn(
  tx: Tx,
  deps: Pick<Deps, 'now'>,
  {
    orgId,
    subjects,
    ruleIds,
    ...of
  }: {
    orgId: string;
    subjects: Subjects;
    incidents: readonly Incident[];
    /** Only these rules. */
    ruleIds?: readonly string[];
  },
): Promise<DeliveryRef[]> {
  const incidents = of.incidents.filter(({ isAbsorbed }) => !isAbsorbed);
  if (incidents.length === 0) return [];
  const monitorIds = await findMonitorsOfServers(tx, orgId, incidents);
  const rules = await findRules(tx, { orgId, incidents, monitorIds, ruleIds });
  if (rules.length === 0) return [];
  const suppressedServers = await findServersInMaintenance(tx, orgId, incidents, deps.now());
  const previous = await readNotifications(tx, orgId, { incidents, rules });

  const notifications: Notification[] = [];
  const recorded: Recorded[] = [];
  for (const incident of incidents) {
    const subject = subjects.get(subjectId(incident));
    if (!subject) throw new Error(`the subject ${subjectId(incident)} is not locked`);
    const now = Math.max(deps.now().getTime(), subject.state.seenAt ?? 0);
    const target = { ...incident, subjectKind: incident.kind, monitorIds };
    for (const rule of rules) {
      if (!matchesTarget({ targetKind: oneOf(ruleTargetKinds, rule.targetKind), targetId: rule.targetId }, target))
        continue;
      const last = previous.get(`${rule.id} ${incident.id}`);
      const decision = decide({
        rule: { id: rule.id, conditions: alertConditions.parse(rule.conditions) },
        incidentId: incident.id,
        subject: subject.state,
        notification: last?.state ?? null,
        now,
        isSuppressed:
          (rule.mutedUntil !== null && rule.mutedUntil.getTime() > now) ||
          (incident.serverId !== null && suppressedServers.has(incident.serverId)),
      });
      subject.state = { ...subject.state, rules: { ...subject.state.rules, [rule.id]: decision.memory } };
      for (const notice of decision.notices) notifications.push({ rule, incident, notice });
      const next = { state: decision.notification, dueAt: decision.dueAt === null ? null : new Date(decision.dueAt) };
      if (JSON.stringify(last) !== JSON.stringify(next))
        recorded.push({ ruleId: rule.id, incidentId: incident.id, ...next });
    }
  }
  if (recorded.length > 0) await saveNotificationStates(tx, { orgId, rows: recorded });
  return createDeliveries(tx, deps, orgId, notifications);
}

/** Monitor rules also match incidents of the monitor's server. */
async function findMonitorsOfServers(tx: Tx, orgId: string, incidents: readonly Incident[]): Promise<Set<string>> {
  const serverIds = incidents.flatMap(({ kind, serverId }) => (kind === 'server' && serverId ? [serverId] : []));
  if (serverIds.length === 0) return new Set();
  const monitors = await tx.monitor.findMany({
    where: { orgId, serverId: { in: serverIds }, archivedAt: null },
    select: { id: true },
  });
  return new Set(monitors.map(({ id }) => id));
}

/**
 * Active rules with a destination whose target may include one of these incidents. Paused rules notify of nothing, also
 * not later.
 */
async function findRules(
  tx: Tx,
  of: {
    orgId: string;
    incidents: readonly Incident[];
    monitorIds: Set<string>;
    ruleIds: readonly string[] | undefined;
  },
): Promise<AlertRuleModel[]> {
  const { orgId, incidents, monitorIds, ruleIds } = of;
  const kinds = new Set(incidents.map(({ kind }) => kind));
  const ids = (column: 'monitorId' | 'workflowId') => incidents.flatMap((incident) => incident[column] ?? []);
  const targetKinds: RuleTargetKind[] = [
    ...(kinds.has('monitor') || kinds.has('server') ? (['all_monitors'] as const) : []),
    ...(kinds.has('workflow') ? (['all_workflows'] as const) : []),
    ...(kinds.has('tool_change') ? (['tool_changes'] as const) : []),
    ...(kinds.has('installation') ? (['installation'] as const) : []),
  ];
  return tx.alertRule.findMany({
    where: {
      orgId,
      state: 'watching',
      archivedAt: null,
      destination: { not: Prisma.DbNull },
      ...(ruleIds && { id: { in: [...ruleIds] } }),
      OR: [
        { targetKind: { in: targetKinds } },
        { targetKind: 'monitor', targetId: { in: [...ids('monitorId'), ...monitorIds] } },
        { targetKind: 'workflow', targetId: { in: ids('workflowId') } },
      ],
    },
    orderBy: { id: 'asc' },
    take: maxRules,
  });
}

async function findServersInMaintenance(
  tx: Tx,
  orgId: string,
  incidents: readonly Incident[],
  at: Date,
): Promise<Set<string>> {
  const serverIds = new Set<string>();
  for (const serverId of new Set(incidents.flatMap((incident) => incident.serverId ?? [])))
    if (await isInMaintenance(tx, { orgId, serverId, at })) serverIds.add(serverId);
  return serverIds;
}

/** What the rules have notified of the incidents so far, by `<rule id> <incident id>`. */
async function readNotifications(
  tx: Tx,
  orgId: string,
  { incidents, rules }: { incidents: readonly Incident[]; rules: readonly AlertRuleModel[] },
): Promise<Map<string, { state: NotificationState; dueAt: Date | null }>> {
  const rows = await tx.incidentTelling.findMany({
    where: { orgId, incidentId: { in: incidents.map(({ id }) => id) }, ruleId: { in: rules.map(({ id }) => id) } },
  });
  return new Map(
    rows.map(({ ruleId, incidentId, state, dueAt }) => [
      `${ruleId} ${incidentId}`,
      { state: notificationState.parse(state), dueAt },
    ]),
  );
}

async function createDeliveries(
  tx: Tx,
  deps: Pick<Deps, 'now'>,
  orgId: string,
  notifications: readonly Notification[],
): Promise<DeliveryRef[]> {
  if (notifications.length === 0) return [];
  const at = deps.now();
  const organization = await tx.organization.findUniqueOrThrow({
    where: { id: orgId },
    select: { name: true, slug: true },
  });
  const names = await findSubjectNames(tx, orgId, [...new Set(notifications.map(({ incident }) => incident))]);
  const rows = notifications.flatMap(({ rule, incident, notice: { kind, ordinal } }) => {
    const named = names.get(incident);
    if (!named || rule.destination === null) return [];
    const message = toAlertMessage({
      ...incident,
      ...named,
      kind,
      organization,
      ruleName: rule.name,
      incidentId: incident.id,
    });
    return [
      {
        id: newId(),
        orgId,
        ruleId: rule.id,
        incidentId: incident.id,
        kind,
        ordinal,
        destination: toJson(rule.destination),
        message: toJson(message),
        createdAt: at,
      },
    ];
  });
  const deliveries = await tx.delivery.createManyAndReturn({
    data: rows,
    skipDuplicates: true,
    select: { id: true, round: true },
  });
  await markRulesFired(tx, { orgId, ruleIds: [...new Set(notifications.map(({ rule }) => rule.id))], at });
  return deliveries.map(({ id, round }) => ({ orgId, deliveryId: id, round }));
}
