import { decide, type Notice } from '../../../domain/incident/decide.ts';
import { isAbout } from '../../../domain/incident/rule-matching.ts';
import { type TellingState, tellingState } from '../../../domain/incident/state.ts';
import { alertConditions, type RuleTargetKind } from '../../../domain/notification/rule.ts';
import { alertMessageOf } from '../../../domain/notification/text.ts';
import type { Tx } from '../../../infra/db/index.ts';
import { markRulesFired } from '../../../infra/db/queries/alert-rule.ts';
import { saveNotificationStates } from '../../../infra/db/queries/incident.ts';
import { Prisma } from '../../../prisma/generated/client.ts';
import type { AlertRuleModel } from '../../../prisma/generated/models.ts';
import type { Deps } from '../../context/context.ts';
import { newId } from '../../context/ids.ts';
import { toJson } from '../../context/use-case.ts';
import type { DeliveryRef } from '../../delivery/ref.ts';
import { inMaintenance } from '../../maintenance/active.ts';
import { subjectNames } from '../subject-names.ts';
import type { Incident } from './record.ts';
import { nameOf, type Subjects } from './subject.ts';

/** Rules of one organization that are asked at once. */
const mostRules = 1000;

type Told = { rule: AlertRuleModel; incident: Incident; notice: Notice };
type Kept = { ruleId: string; incidentId: string; state: TellingState; dueAt: Date | null };

/**
 * Asks the rules about incidents that changed, or that something is due of, and writes what they tell: tellings, pending deliveries and
 * when the rules last fired. Under the locks of the subjects, whose states it moves; whoever calls saves those. An incident that a
 * server incident speaks for is left out. @returns the deliveries to start after the commit.
 */
export async function tellIn(
  tx: Tx,
  deps: Pick<Deps, 'now'>,
  of: {
    orgId: string;
    subjects: Subjects;
    incidents: readonly Incident[];
    /** Only these rules. */
    ruleIds?: readonly string[];
  },
): Promise<DeliveryRef[]> {
  const { orgId, subjects } = of;
  const incidents = of.incidents.filter(({ isAbsorbed }) => !isAbsorbed);
  if (incidents.length === 0) return [];
  const monitorIds = await monitorsOf(tx, orgId, incidents);
  const rules = await rulesFor(tx, { orgId, incidents, monitorIds, ruleIds: of.ruleIds });
  if (rules.length === 0) return [];
  const quiet = await serversInMaintenance(tx, orgId, incidents, deps.now());
  const before = new Map(
    (
      await tx.incidentTelling.findMany({
        where: { orgId, incidentId: { in: incidents.map(({ id }) => id) }, ruleId: { in: rules.map(({ id }) => id) } },
      })
    ).map((row) => [`${row.ruleId} ${row.incidentId}`, { state: tellingState.parse(row.state), dueAt: row.dueAt }]),
  );

  const told: Told[] = [];
  const kept: Kept[] = [];
  for (const incident of incidents) {
    const subject = subjects.get(nameOf(incident));
    if (!subject) throw new Error(`the subject ${nameOf(incident)} is not locked`);
    const now = Math.max(deps.now().getTime(), subject.state.seenAt ?? 0);
    const target = { ...incident, subjectKind: incident.kind, monitorIds };
    for (const rule of rules) {
      if (!isAbout({ targetKind: targetKindOf(rule), targetId: rule.targetId }, target)) continue;
      const last = before.get(`${rule.id} ${incident.id}`);
      const isQuiet =
        (rule.mutedUntil !== null && rule.mutedUntil.getTime() > now) ||
        (incident.serverId !== null && quiet.has(incident.serverId));
      const { telling, memory, notices, dueAt } = decide({
        rule: { id: rule.id, conditions: alertConditions.parse(rule.conditions) },
        incidentId: incident.id,
        subject: subject.state,
        telling: last?.state ?? null,
        now,
        isQuiet,
      });
      subject.state = { ...subject.state, rules: { ...subject.state.rules, [rule.id]: memory } };
      for (const notice of notices) told.push({ rule, incident, notice });
      const next = dueAt === null ? null : new Date(dueAt);
      if (!last || JSON.stringify(last) !== JSON.stringify({ state: telling, dueAt: next }))
        kept.push({ ruleId: rule.id, incidentId: incident.id, state: telling, dueAt: next });
    }
  }
  await keep(tx, orgId, kept);
  return deliver(tx, deps, orgId, told);
}

/** A rule on one monitor hears of its server too. */
async function monitorsOf(tx: Tx, orgId: string, incidents: readonly Incident[]): Promise<Set<string>> {
  const serverIds = incidents.flatMap(({ kind, serverId }) => (kind === 'server' && serverId ? [serverId] : []));
  if (serverIds.length === 0) return new Set();
  const monitors = await tx.monitor.findMany({
    where: { orgId, serverId: { in: serverIds }, archivedAt: null },
    select: { id: true },
  });
  return new Set(monitors.map(({ id }) => id));
}

/** Those that watch, tell somebody, and may be about one of these. Paused ones tell nothing and don't catch up. */
async function rulesFor(
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
  const wide: RuleTargetKind[] = [
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
        { targetKind: { in: wide } },
        { targetKind: 'monitor', targetId: { in: [...ids('monitorId'), ...monitorIds] } },
        { targetKind: 'workflow', targetId: { in: ids('workflowId') } },
      ],
    },
    orderBy: { id: 'asc' },
    take: mostRules,
  });
}

// Held to its list by the database.
const targetKindOf = (rule: AlertRuleModel): RuleTargetKind => rule.targetKind as RuleTargetKind;

async function serversInMaintenance(
  tx: Tx,
  orgId: string,
  incidents: readonly Incident[],
  at: Date,
): Promise<Set<string>> {
  const quiet = new Set<string>();
  for (const serverId of new Set(incidents.flatMap((incident) => incident.serverId ?? [])))
    if (await inMaintenance(tx, { orgId, serverId, at })) quiet.add(serverId);
  return quiet;
}

async function keep(tx: Tx, orgId: string, kept: readonly Kept[]): Promise<void> {
  if (kept.length > 0) await saveNotificationStates(tx, { orgId, rows: kept });
}

async function deliver(tx: Tx, deps: Pick<Deps, 'now'>, orgId: string, told: readonly Told[]): Promise<DeliveryRef[]> {
  if (told.length === 0) return [];
  const at = deps.now();
  const organization = await tx.organization.findUniqueOrThrow({
    where: { id: orgId },
    select: { name: true, slug: true },
  });
  const names = await subjectNames(tx, orgId, [...new Set(told.map(({ incident }) => incident))]);
  const rows = told.flatMap(({ rule, incident, notice: { kind, ordinal } }) => {
    const named = names.get(incident);
    if (!named || rule.destination === null) return [];
    const message = alertMessageOf({
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
  const made = await tx.delivery.createManyAndReturn({
    data: rows,
    skipDuplicates: true,
    select: { id: true, round: true },
  });
  await markRulesFired(tx, { orgId, ruleIds: [...new Set(told.map(({ rule }) => rule.id))], at });
  return made.map(({ id, round }) => ({ orgId, deliveryId: id, round }));
}
