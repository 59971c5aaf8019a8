import { z } from 'zod';
import { closeReasons } from '../../domain/incident/incident.ts';
import { checkErrorKinds, checkOutcomes } from '../../domain/monitor/monitor.ts';
import { deliveryKinds, deliveryStates } from '../../domain/notification/rule.ts';
import { shownStatuses } from '../../domain/run/run.ts';
import { oneOf } from '../../domain/values/closed-set.ts';
import { givenId } from '../../domain/values/id.ts';
import { dayMs } from '../../domain/values/time.ts';
import type { Db } from '../../infra/db/index.ts';
import type { IncidentModel } from '../../prisma/generated/models.ts';
import { loadActorNames, parseActor } from '../context/actor-names.ts';
import { useCase } from '../context/use-case.ts';
import { incidentNotFound } from './errors.ts';
import { listCheckStreaks, listMaintenanceSpans, listRunStreaks } from './observations.ts';
import { updateKinds } from './update.ts';

const by = z.object({ kind: z.string(), id: z.string(), name: z.string().nullable() }).nullable();

const at = z.iso.datetime();

export const timelineEntry = z.discriminatedUnion('type', [
  z.object({ type: z.literal('tool_changed'), at, tool: z.string(), change: z.string(), breaking: z.boolean() }),
  z.object({ type: z.literal('version_saved'), at, versionId: z.string(), number: z.int() }),
  z.object({
    type: z.literal('maintenance'),
    at,
    until: at,
    reason: z.string(),
    allServers: z.boolean().describe('Else of its server alone.'),
  }),
  z.object({
    type: z.literal('checks'),
    at,
    until: at,
    count: z.int().describe('Checks in a row with this outcome.'),
    outcome: z.enum(checkOutcomes),
    errorKind: z.enum(checkErrorKinds).nullable(),
  }),
  z.object({
    type: z.literal('runs'),
    at,
    until: at,
    count: z.int().describe('Runs in a row with this status.'),
    status: z.enum(shownStatuses),
    latestRunId: z.string(),
  }),
  z.object({ type: z.literal('opened'), at, summary: z.string() }),
  z.object({
    type: z.literal('update'),
    at,
    id: z.string(),
    kind: z.enum(updateKinds),
    by,
    text: z.string().nullable().describe('Of a note.'),
    assignee: z.object({ userId: z.string(), name: z.string().nullable() }).nullable(),
  }),
  z.object({
    type: z.literal('notification'),
    at,
    deliveryId: z.string(),
    kind: z.enum(deliveryKinds),
    ruleId: z.string(),
    ruleName: z.string(),
    state: z.enum(deliveryStates),
    error: z.string().nullable(),
  }),
  z.object({ type: z.literal('closed'), at, reason: z.enum(closeReasons), by }),
]);
export type TimelineEntry = z.infer<typeof timelineEntry>;

/** Of each kind of entries, the latest. */
const maxEach = 200;
/** How long before its opening a change may be the cause of an incident. */
const causeMs = dayMs;

/**
 * What happened around an incident, oldest first: changes of its server's tools and of its workflow, and maintenance,
 * since a day before, its opening, its checks or runs, what people did and wrote, its notifications, its end. Of each
 * kind, the latest 200.
 * @throws ArmatureError `incident_not_found`
 */
export const getIncidentTimeline = useCase({
  name: 'incident.timeline',
  access: 'viewer',
  input: z.object({ incidentId: givenId }),
  async run({ db, orgId, now }, { incidentId }): Promise<{ entries: TimelineEntry[] }> {
    const row = await db.incident.findFirst({ where: { orgId, id: incidentId }, omit: { cause: true } });
    if (!row) throw incidentNotFound();
    // What closes an incident is part of it.
    const to = new Date((row.closedAt ?? now()).getTime() + 1);
    const during = { from: new Date(row.openedAt.getTime() - causeMs), to, limit: maxEach };
    const found = await Promise.all([
      listChanges(db, row),
      listMaintenanceSpans(db, row, during),
      [{ type: 'opened' as const, at: row.openedAt.toISOString(), summary: row.summary }],
      listRunStreaks(db, row, during),
      listCheckStreaks(db, row, during),
      listHandling(db, row),
      listNotifications(db, row),
    ]);
    return { entries: found.flat().sort((a, b) => Date.parse(a.at) - Date.parse(b.at)) };
  },
});

type Row = Omit<IncidentModel, 'cause'>;

async function listChanges(db: Db, { orgId, serverId, workflowId, openedAt, closedAt }: Row): Promise<TimelineEntry[]> {
  const during = { gte: new Date(openedAt.getTime() - causeMs), ...(closedAt && { lte: closedAt }) };
  const [tools, versions] = await Promise.all([
    serverId === null
      ? []
      : db.toolChange.findMany({
          where: { orgId, serverId, seenAt: during },
          orderBy: [{ seenAt: 'desc' }, { id: 'desc' }],
          take: maxEach,
          omit: { diff: true },
        }),
    workflowId === null
      ? []
      : db.workflowVersion.findMany({
          where: { orgId, workflowId, createdAt: during, number: { gt: 1 } },
          orderBy: { number: 'desc' },
          take: maxEach,
          omit: { definition: true },
        }),
  ]);
  return [
    ...tools.map(
      ({ seenAt, tool, kind, breaking }): TimelineEntry => ({
        type: 'tool_changed',
        at: seenAt.toISOString(),
        tool,
        change: kind,
        breaking,
      }),
    ),
    ...versions.map(
      ({ createdAt, id, number }): TimelineEntry => ({
        type: 'version_saved',
        at: createdAt.toISOString(),
        versionId: id,
        number,
      }),
    ),
  ];
}

/** What people did with the incident, and its end. */
async function listHandling(db: Db, { orgId, id, closedAt, closeReason, closedBy }: Row): Promise<TimelineEntry[]> {
  const updates = await db.incidentUpdate.findMany({
    where: { orgId, incidentId: id },
    orderBy: [{ at: 'desc' }, { id: 'desc' }],
    take: maxEach,
  });
  const actors = updates.map(({ createdBy }) => parseActor(createdBy));
  const assignees = updates.flatMap(({ assigneeId }) => (assigneeId === null ? [] : [toMember(assigneeId)]));
  const closer = closedBy === null ? [] : [parseActor(closedBy)];
  const nameOf = await loadActorNames(db, orgId, [...actors, ...assignees, ...closer]);
  const entries = updates.map(
    ({ at: time, id: updateId, kind, createdBy, text, assigneeId }): TimelineEntry => ({
      type: 'update',
      at: time.toISOString(),
      id: updateId,
      kind: oneOf(updateKinds, kind),
      by: nameOf(parseActor(createdBy)),
      text,
      assignee: assigneeId === null ? null : { userId: assigneeId, name: nameOf(toMember(assigneeId)).name },
    }),
  );
  if (closedAt === null) return entries;
  const end: TimelineEntry = {
    type: 'closed',
    at: closedAt.toISOString(),
    reason: oneOf(closeReasons, closeReason ?? ''),
    by: closedBy === null ? null : nameOf(parseActor(closedBy)),
  };
  return [...entries, end];
}

async function listNotifications(db: Db, { orgId, id }: Row): Promise<TimelineEntry[]> {
  const deliveries = await db.delivery.findMany({
    where: { orgId, incidentId: id },
    orderBy: [{ createdAt: 'desc' }, { id: 'desc' }],
    take: maxEach,
    select: {
      id: true,
      createdAt: true,
      kind: true,
      state: true,
      error: true,
      ruleId: true,
      rule: { select: { name: true } },
    },
  });
  return deliveries.map((delivery) => ({
    type: 'notification',
    at: delivery.createdAt.toISOString(),
    deliveryId: delivery.id,
    kind: oneOf(deliveryKinds, delivery.kind),
    ruleId: delivery.ruleId,
    ruleName: delivery.rule.name,
    error: delivery.error,
    state: oneOf(deliveryStates, delivery.state),
  }));
}

const toMember = (id: string) => ({ kind: 'member', id });
