export const deliveryStates = ['pending', 'delivered', 'outbox', 'unknown', 'failed', 'bounced', 'superseded'] as const;
export type DeliveryState = (typeof deliveryStates)[number];
