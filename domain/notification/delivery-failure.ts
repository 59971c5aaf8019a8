const brand = Symbol.for('armature.delivery-failure');

/**
 * How handing a message to a provider can fail. `refused`: it said no and will say no again; `retry`: it is busy or away, and nothing was
 * taken; `lost`: it may have taken the message, the answer did not come.
 */
export type DeliveryFailureKind = 'refused' | 'retry' | 'lost';

/** `message` is one sentence for people, without credentials. */
export class DeliveryFailure extends Error {
  override readonly name = 'DeliveryFailure';
  readonly [brand] = true;
  readonly kind: DeliveryFailureKind;
  /** What `Retry-After` asked for, in milliseconds. */
  readonly retryAfterMs: number | null;

  constructor(
    kind: DeliveryFailureKind,
    message: string,
    { retryAfterMs = null }: { retryAfterMs?: number | null } = {},
  ) {
    super(message);
    this.kind = kind;
    this.retryAfterMs = retryAfterMs;
  }
}

export function isDeliveryFailure(error: unknown): error is DeliveryFailure {
  return typeof error === 'object' && error !== null && brand in error;
}
