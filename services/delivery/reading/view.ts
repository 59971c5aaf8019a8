import { canRetry } from '../../../domain/notification/delivery.ts';
import { type AlertMessage, alertMessage } from '../../../domain/notification/message.ts';
import {
  type DeliveryKind,
  type DeliveryState,
  deliveryKinds,
  deliveryStates,
} from '../../../domain/notification/rule.ts';
import { oneOf } from '../../../domain/values/closed-set.ts';
import type { DeliveryModel } from '../../../prisma/generated/models.ts';
import type { RenderedEmail } from '../../channel/email/render.ts';
import type { Deps } from '../../context/context.ts';
import { createDestinationViews, type DestinationView } from '../../destination/view.ts';

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
  /** 1 and one more for each manual retry. */
  round: number;
  /** Why it was not delivered, or why the latest attempt of a pending one failed. Partly untrusted. */
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

export const withRule = { rule: { select: { name: true, archivedAt: true } } } as const;
export type DeliveryRow = DeliveryModel & { rule: { name: string; archivedAt: Date | null } };

/** Deliveries as readers see them, by a fixed number of queries. */
export async function toDeliveryViews(
  deps: Pick<Deps, 'db' | 'email' | 'slack'>,
  { orgId, rows }: { orgId: string; rows: readonly DeliveryRow[] },
): Promise<DeliveryView[]> {
  const toDestinationView = await createDestinationViews(deps, {
    orgId,
    destinations: rows.map((row) => row.destination),
  });
  return rows.map((row) => {
    const { title, subject } = alertMessage.parse(row.message);
    return {
      id: row.id,
      ruleId: row.ruleId,
      ruleName: row.rule.name,
      incidentId: row.incidentId,
      kind: oneOf(deliveryKinds, row.kind),
      ordinal: row.ordinal,
      destination: toDestinationView(row.destination),
      state: oneOf(deliveryStates, row.state),
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
