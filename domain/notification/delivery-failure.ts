const brand = Symbol.for('armature.delivery-failure');

/**
 * How sending a message to a provider can fail. `refused`: for good; `retry`: the provider is busy or unreachable and
 * has not accepted the message; `lost`: it may have accepted it, but no answer came.
 */
export type DeliveryFailureKind = 'refused' | 'retry' | 'lost';

/** `message` is one sentence for people, without credentials. */
export class DeliveryFailure extends Error {
  override readonly name = 'DeliveryFailure';
  readonly [brand] = true;
  readonly kind: DeliveryFailureKind;
  /**
   * The pause before the next attempt: what the receiver asked for (`parseRetryAfterMs`), if it did. Never 0, which
   * Temporal takes for "no more retries".
   */
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
