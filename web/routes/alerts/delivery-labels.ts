import type { DeliveryKind, DeliveryState } from '../../../domain/notification/rule.ts';

export const deliveryKindLabels: { [kind in DeliveryKind]: string } = {
  opened: 'New incident',
  reminder: 'Reminder',
  flapping: 'Flapping',
  recovered: 'Recovered',
  closed: 'Closed',
  test: 'Test',
};

export const deliveryStateLabels: { [state in DeliveryState]: string } = {
  pending: 'Pending',
  delivered: 'Delivered',
  outbox: 'In outbox',
  unknown: 'Outcome unknown',
  failed: 'Failed',
  bounced: 'Bounced',
  superseded: 'Superseded',
};
