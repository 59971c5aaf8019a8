/** One round of one delivery, as it travels through Temporal: names its workflow (`delivery/<deliveryId>/<round>`). */
export type DeliveryRef = { orgId: string; deliveryId: string; round: number };
