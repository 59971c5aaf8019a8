import { z } from 'zod';
import { deliveryStates } from '../../domain/notification/rule.ts';

const cursor = z.string().optional();
const limit = z.int().min(1).max(100).default(50);

export const listDeliveriesInput = z.object({
  ruleId: z.uuid().optional(),
  incidentId: z.uuid().optional(),
  state: z.enum(deliveryStates).optional(),
  cursor,
  limit,
});

export const deliveryRefInput = z.object({ deliveryId: z.uuid() });

export const listOutboxInput = z.object({ cursor, limit: z.int().min(1).max(50).default(20) });

/** One round of one delivery, as it travels through Temporal: names its workflow (`delivery/<deliveryId>/<round>`). */
export type DeliveryRef = { orgId: string; deliveryId: string; round: number };
