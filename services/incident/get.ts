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

/** Absorbed incidents and deliveries shown at most, newest first. */
const maxShown = 100;

/**
 * One incident with its cause, the server incident that absorbed it or those that it absorbed, and its deliveries,
 * newest first.
 * @throws ArmatureError `incident_not_found`
 */
export const getIncident = useCase({
  name: 'incident.get',
  access: 'viewer',
  input: z.object({ incidentId: givenId }),
  async run(
    { db, orgId },
    { incidentId },
  ): Promise<{
    incident: IncidentView;
    cause: CauseView;
    parent: IncidentView | null;
    absorbed: IncidentView[];
    deliveries: IncidentDelivery[];
  }> {
    const row = await db.incident.findFirst({ where: { orgId, id: incidentId } });
    if (!row) throw incidentNotFound();
    const [parent, absorbed, deliveries] = await Promise.all([
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
    ]);
    const rows = [row, ...(parent ? [parent] : []), ...absorbed];
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
    };
  },
});
