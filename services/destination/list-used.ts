import { z } from 'zod';
import {
  type DeliveryState,
  type Destination,
  deliveryStates,
  destination as destinationSchema,
} from '../../domain/notification/rule.ts';
import { oneOf } from '../../domain/values/closed-set.ts';
import { findDestinationUses } from '../../infra/db/queries/destination.ts';
import { useCase } from '../context/use-case.ts';
import { createDestinationViews, type DestinationView } from './view.ts';

/** `last`: the latest delivery by one of the rules; null without any. */
export type UsedDestination = {
  destination: DestinationView;
  rules: { id: string; name: string }[];
  last: { deliveryId: string; state: DeliveryState; error: string | null; at: string } | null;
};

/** The webhooks of the workspace, and the addresses and channels that its rules send to, with what became of it. */
export const listUsedDestinations = useCase({
  name: 'destination.list_used',
  access: 'viewer',
  input: z.object({}),
  async run({ ctx, db, orgId }): Promise<{ destinations: UsedDestination[] }> {
    const [webhooks, uses] = await Promise.all([
      db.webhook.findMany({
        where: { orgId, archivedAt: null },
        orderBy: [{ createdAt: 'desc' }, { id: 'desc' }],
        select: { id: true },
      }),
      findDestinationUses(db, orgId),
    ]);
    const found = new Map<string, Omit<UsedDestination, 'destination'> & { destination: Destination }>();
    const at = (destination: Destination) => {
      const key = toKey(destination);
      const entry = found.get(key) ?? { destination, rules: [], last: null };
      found.set(key, entry);
      return entry;
    };
    for (const { id } of webhooks) at({ kind: 'webhook', webhookId: id });
    for (const use of uses) {
      const entry = at(destinationSchema.parse(use.destination));
      entry.rules.push({ id: use.ruleId, name: use.ruleName });
      if (!use.deliveryId || !use.at || (entry.last && entry.last.at >= use.at.toISOString())) continue;
      const state = oneOf(deliveryStates, use.state ?? '');
      entry.last = { deliveryId: use.deliveryId, state, error: use.error, at: use.at.toISOString() };
    }
    const entries = [...found.values()];
    const toView = await createDestinationViews(ctx.deps, {
      orgId,
      destinations: entries.map(({ destination }) => destination),
    });
    return { destinations: entries.map((entry) => ({ ...entry, destination: toView(entry.destination) })) };
  },
});

function toKey(destination: Destination): string {
  switch (destination.kind) {
    case 'email':
      return `email ${destination.address.toLowerCase()}`;
    case 'slack':
      return `slack ${destination.installationId} ${destination.channel}`;
    case 'webhook':
      return `webhook ${destination.webhookId}`;
  }
}
