import { z } from 'zod';
import { deliveryKinds, deliveryStates } from '../../domain/notification/rule.ts';
import { givenId } from '../../domain/values/id.ts';

const cursor = z.string().optional();
const limit = z.int().min(1).max(200).default(50);

export const listDeliveriesInput = z.object({
  ruleId: givenId.optional(),
  incidentId: givenId.optional(),
  state: z.enum(deliveryStates).optional(),
  kind: z.enum(deliveryKinds).optional(),
  cursor,
  limit,
});

export const deliveryRefInput = z.object({ deliveryId: givenId });

/** One round of one delivery, as it travels through Temporal: names its workflow (`delivery/<deliveryId>/<round>`). */
export type DeliveryRef = { orgId: string; deliveryId: string; round: number };

/** The deliveries of one rule and incident, which are sent one at a time, in the order of their sequence. */
export type QueueKey = { orgId: string; ruleId: string; incidentId: string };
