import { decide } from '../../../domain/incident/decide.ts';
import { aftermathMs, findHoldUntil, listingMs, maxHoldMs } from '../../../domain/incident/outage.ts';
import { type IncidentTarget, matchesTarget } from '../../../domain/incident/rule-matching.ts';
import { type NotificationState, notificationState } from '../../../domain/incident/state.ts';
import { alertConditions, type RuleTargetKind, ruleTargetKinds } from '../../../domain/notification/rule.ts';
import { isCredible } from '../../../domain/values/clock.ts';
import { oneOf } from '../../../domain/values/closed-set.ts';
import type { Tx } from '../../../infra/db/index.ts';
import { findWorkflowsOfProfiles, saveNotificationStates } from '../../../infra/db/queries/incident.ts';
import { countServersByAnswer } from '../../../infra/db/queries/server-standing.ts';
import { Prisma } from '../../../prisma/generated/client.ts';
import type { AlertRuleModel } from '../../../prisma/generated/models.ts';
import type { Deps } from '../../context/context.ts';
import type { DeliveryRef } from '../../delivery/schema.ts';
import { findMaintained } from '../../maintenance/active.ts';
import { createDeliveriesIn, type Notification } from './create-deliveries.ts';
import type { Incident } from './record.ts';
import { type Subjects, subjectId } from './subject.ts';

/** What rules about all monitors match. */
const ofMonitors = ['monitor', 'server', 'auth_profile', 'all_servers'] as const;
/** Rules of one organization that are evaluated per incident. */
const maxRules = 1000;

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
  if (of.incidents.length === 0) return [];
  const at = deps.now();
  const absorbed = await findAbsorbed(tx, { orgId, ids: of.incidents.map(({ id }) => id), at });
  const incidents = of.incidents.filter(({ id }) => !absorbed.has(id));
  if (incidents.length === 0) return [];
  const affected = await findAffected(tx, orgId, incidents);
  const previous = await readNotifications(tx, orgId, incidents);
  const notifiedBy = [...previous.values()].flatMap(({ ruleId, state }) => (state.notified ? [ruleId] : []));
  const rules = await findRules(tx, { orgId, incidents, affected, ruleIds, notifiedBy });
  if (rules.length === 0) return [];
  const heldUntil = await findHeldUntil(tx, { orgId, incidents, at });
  const serverIds = incidents.flatMap(({ serverId }) => serverId ?? []);
  const maintained = await findMaintained(tx, { orgId, serverIds, at });
  const acknowledged = await findAcknowledged(tx, { orgId, ids: incidents.map(({ id }) => id) });

  const notifications: Notification[] = [];
  const recorded: Recorded[] = [];
  for (const incident of incidents) {
    const subject = subjects.get(subjectId(incident));
    if (!subject) throw new Error(`the subject ${subjectId(incident)} is not locked`);
    const seenAt = subject.state.seenAt ?? 0;
    const now = isCredible(seenAt, at.getTime()) ? Math.max(at.getTime(), seenAt) : at.getTime();
    const target = toTarget(incident, affected);
    for (const rule of rules) {
      const last = previous.get(`${rule.id} ${incident.id}`);
      const targetKind = oneOf(ruleTargetKinds, rule.targetKind);
      // The end of an incident is notified also if its subject is gone, and the rule no longer finds it.
      const isEnd = incident.closedAt !== null && last?.state.notified;
      if (!isEnd && !matchesTarget({ targetKind, targetId: rule.targetId }, target)) continue;
      const decision = decide({
        rule: { id: rule.id, conditions: alertConditions.parse(rule.conditions) },
        incidentId: incident.id,
        closeReason: incident.closeReason,
        isAcknowledged: acknowledged.has(incident.id),
        subject: subject.state,
        notification: last?.state ?? null,
        now,
        isSuppressed:
          (rule.mutedUntil !== null && rule.mutedUntil.getTime() > now) ||
          (incident.kind !== 'installation' && (maintained.has(null) || maintained.has(incident.serverId))),
        heldUntil:
          incident.kind === 'all_servers'
            ? incident.openedAt.getTime() + listingMs
            : isServerLevel(incident) && incident.openedAt.getTime() > at.getTime() - maxHoldMs
              ? heldUntil
              : null,
      });
      subject.state = { ...subject.state, rules: { ...subject.state.rules, [rule.id]: decision.memory } };
      const { closeReason } = incident;
      const end =
        closeReason === null || closeReason === 'recovered'
          ? undefined
          : { reason: closeReason, of: 'subject' as const };
      const failsAgain = incident.closedAt !== null && subject.state.open !== null;
      const { destination } = rule;
      for (const notice of decision.notices)
        if (destination !== null) notifications.push({ rule, incident, notice, destination, end, failsAgain });
      const dueAt = decision.dueAt === null ? null : new Date(decision.dueAt);
      const next = { ruleId: rule.id, incidentId: incident.id, state: decision.notification, dueAt };
      if (JSON.stringify(last) !== JSON.stringify(next)) recorded.push(next);
    }
  }
  if (recorded.length > 0) await saveNotificationStates(tx, { orgId, rows: recorded });
  return createDeliveriesIn(tx, { orgId, at, notifications });
}

async function findAcknowledged(tx: Tx, { orgId, ids }: { orgId: string; ids: string[] }): Promise<Set<string>> {
  const where = { orgId, id: { in: ids }, acknowledgedAt: { not: null } };
  return new Set((await tx.incident.findMany({ where, select: { id: true } })).map(({ id }) => id));
}

/** The servers that an incident is about, or its monitor, workflow, auth profile or tool belongs to. */
const listServers = ({ kind, serverId, cause }: Incident): string[] =>
  kind === 'all_servers' ? (cause.servers ?? []).map(({ id }) => id) : serverId === null ? [] : [serverId];

/** The monitors and workflows that fail because of an incident of something else. */
export type Affected = { monitorIds: ReadonlySet<string>; workflowIds: ReadonlySet<string> };

/** An incident as rules match it. @param affected from `findAffected` */
export const toTarget = (incident: Incident, affected: ReadonlyMap<string, Affected>): IncidentTarget => ({
  subjectKind: incident.kind,
  serverIds: new Set(listServers(incident)),
  monitorId: incident.monitorId,
  workflowId: incident.workflowId,
  ...affected.get(incident.id),
});

/**
 * Rules of monitors also match incidents of their servers and auth profiles, rules of workflows those of their auth
 * profiles. @returns the monitors and workflows by incident
 */
export async function findAffected(
  tx: Tx,
  orgId: string,
  incidents: readonly Incident[],
): Promise<ReadonlyMap<string, Affected>> {
  const serverIdsOf = (incident: Incident): string[] =>
    ['server', 'auth_profile', 'all_servers'].includes(incident.kind) ? listServers(incident) : [];
  const serverIds = [...new Set(incidents.flatMap(serverIdsOf))];
  if (serverIds.length === 0) return new Map();
  const profileIds = incidents.flatMap(({ kind, key }) => (kind === 'auth_profile' ? [key] : []));
  const workflows = profileIds.length > 0 ? await findWorkflowsOfProfiles(tx, { orgId, profileIds }) : [];
  const monitors = await tx.monitor.findMany({
    where: { orgId, serverId: { in: serverIds }, archivedAt: null },
    select: { id: true, serverId: true, authProfileId: true },
  });
  return new Map(
    incidents.map((incident) => {
      const ids = new Set(serverIdsOf(incident));
      const isOfProfile = (authProfileId: string) => incident.kind === 'auth_profile' && authProfileId === incident.key;
      const own = monitors.filter(
        ({ serverId, authProfileId }) =>
          ids.has(serverId) && (incident.kind !== 'auth_profile' || isOfProfile(authProfileId)),
      );
      const using = workflows.filter(({ authProfileId }) => isOfProfile(authProfileId));
      const [monitorIds, workflowIds] = [own.map(({ id }) => id), using.map(({ workflowId }) => workflowId)];
      return [incident.id, { monitorIds: new Set(monitorIds), workflowIds: new Set(workflowIds) }];
    }),
  );
}

/**
 * Active rules with a destination whose target may include one of these incidents, or that have notified of one. Paused
 * rules notify of nothing, also not later.
 */
async function findRules(
  tx: Tx,
  of: {
    orgId: string;
    incidents: readonly Incident[];
    affected: ReadonlyMap<string, Affected>;
    ruleIds: readonly string[] | undefined;
    notifiedBy: string[];
  },
): Promise<AlertRuleModel[]> {
  const { orgId, incidents, ruleIds, notifiedBy } = of;
  const affected = [...of.affected.values()];
  const workflowIds = affected.flatMap((each) => [...each.workflowIds]);
  const kinds = new Set(incidents.map(({ kind }) => kind));
  const ids = (column: 'monitorId' | 'workflowId') => incidents.flatMap((incident) => incident[column] ?? []);
  const serverIds = [...new Set(incidents.flatMap(listServers))];
  const targetKinds: RuleTargetKind[] = [
    ...(ofMonitors.some((kind) => kinds.has(kind)) ? (['all_monitors'] as const) : []),
    ...(kinds.has('workflow') || workflowIds.length > 0 ? (['all_workflows'] as const) : []),
    ...(serverIds.length > 0 ? (['all_servers'] as const) : []),
    ...(kinds.has('tool_change') ? (['tool_changes'] as const) : []),
    ...(kinds.has('report') ? (['report'] as const) : []),
    ...(kinds.has('budget') ? (['budget'] as const) : []),
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
        {
          targetKind: 'monitor',
          targetId: { in: [...ids('monitorId'), ...affected.flatMap((each) => [...each.monitorIds])] },
        },
        { targetKind: 'workflow', targetId: { in: [...ids('workflowId'), ...workflowIds] } },
        { targetKind: 'server', targetId: { in: serverIds } },
        { id: { in: notifiedBy } },
      ],
    },
    orderBy: { id: 'asc' },
    take: maxRules,
  });
}

/**
 * Of these incidents, the open ones for which another notifies: an open incident of the server or of most servers, or
 * one of most servers that ended a short time ago.
 */
export async function findAbsorbed(
  tx: Tx,
  { orgId, ids, at }: { orgId: string; ids: string[]; at: Date },
): Promise<Set<string>> {
  const endedAfter = new Date(at.getTime() - aftermathMs);
  const rows = await tx.incident.findMany({
    where: {
      orgId,
      id: { in: ids },
      closedAt: null,
      parent: { OR: [{ closedAt: null }, { subjectKind: 'all_servers', closedAt: { gt: endedAfter } }] },
    },
    select: { id: true },
  });
  return new Set(rows.map(({ id }) => id));
}

/** Open, with a cause that other servers may share. */
const isServerLevel = ({ kind, closedAt, cause }: Incident): boolean =>
  closedAt === null && (kind === 'server' || (kind === 'monitor' && cause.reason !== undefined));

/** Until when failures of a server as a whole are held back, since most servers may turn out to fail. */
async function findHeldUntil(
  tx: Tx,
  { orgId, incidents, at }: { orgId: string; incidents: readonly Incident[]; at: Date },
): Promise<number | null> {
  const opened = incidents
    .filter(isServerLevel)
    .map(({ openedAt }) => openedAt.getTime())
    .filter((openedAt) => openedAt > at.getTime() - maxHoldMs);
  if (opened.length === 0) return null;
  const openedAt = Math.min(...opened);
  const counts = await countServersByAnswer(tx, { orgId, after: new Date(openedAt) });
  return findHoldUntil({ openedAt, ...counts });
}

/** What rules have notified of the incidents so far, by `<rule id> <incident id>`. */
async function readNotifications(
  tx: Tx,
  orgId: string,
  incidents: readonly Incident[],
): Promise<Map<string, Recorded>> {
  const rows = await tx.incidentTelling.findMany({
    where: { orgId, incidentId: { in: incidents.map(({ id }) => id) } },
  });
  return new Map(
    rows.map(({ ruleId, incidentId, state, dueAt }) => [
      `${ruleId} ${incidentId}`,
      { ruleId, incidentId, state: notificationState.parse(state), dueAt },
    ]),
  );
}
