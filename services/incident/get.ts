import { z } from 'zod';
import { incidentCause } from '../../domain/incident/incident.ts';
import {
  type DeliveryKind,
  type DeliveryState,
  deliveryKinds,
  deliveryStates,
} from '../../domain/notification/rule.ts';
import { oneOf } from '../../domain/values/closed-set.ts';
import { givenId } from '../../domain/values/id.ts';
import { useCase } from '../context/use-case.ts';
import { incidentNotFound } from './errors.ts';
import type { CauseView, IncidentView } from './view.ts';
import { incidentViews } from './view.ts';

export type IncidentDelivery = {
  id: string;
  ruleId: string;
  ruleName: string;
  kind: DeliveryKind;
  ordinal: number;
  state: DeliveryState;
  error: string | null;
  createdAt: string;
  endedAt: string | null;
};

/** A rule that follows an incident. `mutedUntil`: ISO 8601. */
export type IncidentRule = { id: string; name: string; mutedUntil: string | null };

/** Absorbed incidents and deliveries shown at most, newest first. */
const maxShown = 100;
const maxSimilar = 5;

/**
 * One incident with its cause, the server incident that absorbed it or those that it absorbed, its deliveries, the
 * latest earlier ones of the same subject, newest first, and the rules that follow it.
 * @throws ArmatureError `incident_not_found`
 */
export const getIncident = useCase({
  name: 'incident.get',
  access: 'viewer',
  input: z.object({ incidentId: givenId }),
  async run(
    { db, orgId, now },
    { incidentId },
  ): Promise<{
    incident: IncidentView;
    cause: CauseView;
    parent: IncidentView | null;
    absorbed: IncidentView[];
    deliveries: IncidentDelivery[];
    similar: IncidentView[];
    rules: IncidentRule[];
  }> {
    const row = await db.incident.findFirst({ where: { orgId, id: incidentId } });
    if (!row) throw incidentNotFound();
    const [parent, absorbed, deliveries, similar, rules] = await Promise.all([
      row.parentId === null ? null : db.incident.findFirst({ where: { orgId, id: row.parentId } }),
      db.incident.findMany({
        where: { orgId, parentId: incidentId },
        orderBy: [{ openedAt: 'desc' }, { id: 'desc' }],
        take: maxShown,
      }),
      db.delivery.findMany({
        where: { orgId, incidentId },
        orderBy: [{ createdAt: 'desc' }, { id: 'desc' }],
        take: maxShown,
        include: { rule: { select: { name: true } } },
        omit: { message: true, destination: true },
      }),
      db.incident.findMany({
        where: {
          orgId,
          subjectKind: row.subjectKind,
          subjectKey: row.subjectKey,
          // What the indexes have of the subject.
          monitorId: row.monitorId,
          workflowId: row.workflowId,
          serverId: row.serverId,
          openedAt: { lt: row.openedAt },
        },
        orderBy: [{ openedAt: 'desc' }, { id: 'desc' }],
        take: maxSimilar,
      }),
      db.alertRule.findMany({
        where: { orgId, archivedAt: null, tellings: { some: { orgId, incidentId } } },
        orderBy: { name: 'asc' },
        take: maxShown,
        select: { id: true, name: true, mutedUntil: true },
      }),
    ]);
    const rows = [row, ...(parent ? [parent] : []), ...absorbed, ...similar];
    const views = new Map((await incidentViews(db, orgId, rows)).map((view) => [view.id, view]));
    const incident = views.get(row.id);
    if (!incident) throw incidentNotFound();
    const { baseline: _, ...cause } = incidentCause.parse(row.cause);
    return {
      incident,
      cause,
      parent: (parent && views.get(parent.id)) ?? null,
      absorbed: absorbed.flatMap(({ id }) => views.get(id) ?? []),
      deliveries: deliveries.map((delivery) => ({
        id: delivery.id,
        ruleId: delivery.ruleId,
        ruleName: delivery.rule.name,
        kind: oneOf(deliveryKinds, delivery.kind),
        state: oneOf(deliveryStates, delivery.state),
        ordinal: delivery.ordinal,
        error: delivery.error,
        createdAt: delivery.createdAt.toISOString(),
        endedAt: delivery.endedAt?.toISOString() ?? null,
      })),
      similar: similar.flatMap(({ id }) => views.get(id) ?? []),
      rules: rules.map(({ id, name, mutedUntil }) => ({
        id,
        name,
        mutedUntil: mutedUntil !== null && mutedUntil > now() ? mutedUntil.toISOString() : null,
      })),
    };
  },
});
