import { canRetry } from '../../domain/notification/delivery.ts';
import { type AlertMessage, alertMessage } from '../../domain/notification/message.ts';
import {
  type DeliveryKind,
  type DeliveryState,
  deliveryKinds,
  deliveryStates,
} from '../../domain/notification/rule.ts';
import type { DeliveryModel } from '../../prisma/generated/models.ts';
import type { RenderedEmail } from '../channel/email/render.ts';
import type { Deps } from '../context/context.ts';
import { type DestinationView, destinationViews } from '../destination/view.ts';

export type DeliveryView = {
  id: string;
  ruleId: string;
  ruleName: string;
  /** Null for a test. */
  incidentId: string | null;
  kind: DeliveryKind;
  ordinal: number;
  destination: DestinationView;
  state: DeliveryState;
  /** Of this round. */
  attempts: number;
  /** One more than the times it was sent again by hand. */
  round: number;
  /** Why it is not delivered, or of a pending one why the latest attempt failed: one or two sentences. Untrusted in part. */
  error: string | null;
  title: string;
  subject: { kind: string; name: string };
  canRetry: boolean;
  createdAt: string;
  endedAt: string | null;
};

export type DeliveryDetail = DeliveryView & {
  message: AlertMessage;
  /** The provider's id of the message. */
  providerId: string | null;
  /** Null for other destinations. */
  email: RenderedEmail | null;
};

export type OutboxEntry = RenderedEmail & {
  deliveryId: string;
  ruleId: string;
  ruleName: string;
  kind: DeliveryKind;
  createdAt: string;
};

export const withRule = { rule: { select: { name: true, archivedAt: true } } } as const;
export type DeliveryRow = DeliveryModel & { rule: { name: string; archivedAt: Date | null } };

/** Deliveries as lists show them: a fixed number of queries, however many they are. */
export async function deliveryViews(
  deps: Pick<Deps, 'db' | 'email' | 'slack'>,
  { orgId, rows }: { orgId: string; rows: readonly DeliveryRow[] },
): Promise<DeliveryView[]> {
  const destinationOf = await destinationViews(deps, { orgId, destinations: rows.map((row) => row.destination) });
  return rows.map((row) => {
    const { title, subject } = alertMessage.parse(row.message);
    return {
      id: row.id,
      ruleId: row.ruleId,
      ruleName: row.rule.name,
      incidentId: row.incidentId,
      kind: deliveryKind(row.kind),
      ordinal: row.ordinal,
      destination: destinationOf(row.destination),
      state: deliveryState(row.state),
      attempts: row.attempts,
      round: row.round,
      error: row.error,
      title,
      subject: { kind: subject.kind, name: subject.name },
      canRetry: canRetry(row.state) && row.rule.archivedAt === null,
      createdAt: row.createdAt.toISOString(),
      endedAt: row.endedAt?.toISOString() ?? null,
    };
  });
}

export function deliveryKind(text: string): DeliveryKind {
  const kind = deliveryKinds.find((each) => each === text);
  if (!kind) throw new Error(`unknown kind of delivery: ${text}`);
  return kind;
}

export function deliveryState(text: string): DeliveryState {
  const state = deliveryStates.find((each) => each === text);
  if (!state) throw new Error(`unknown state of a delivery: ${text}`);
  return state;
}
