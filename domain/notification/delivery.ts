import type { DeliveryKind, DeliveryState } from './rule.ts';

/** States from which a person may retry a delivery. */
const retryable: ReadonlySet<string> = new Set(['failed', 'unknown', 'bounced', 'outbox'] satisfies DeliveryState[]);

export const canRetry = (state: string): boolean => retryable.has(state);

/** Whether it ends what the notifications before it began. */
export const isClosing = (kind: DeliveryKind): boolean => kind === 'recovered' || kind === 'closed';

export type QueuedDelivery = {
  id: string;
  kind: DeliveryKind;
  state: DeliveryState;
  /** An attempt is being made, or its answer was lost. */
  mayHaveArrived: boolean;
};

/**
 * Finds what is no longer worth sending: all notifications of a failure that ended before one of them can have arrived.
 * @param deliveries of one rule and incident, in their order. @returns their ids
 */
export function findSuperseded(deliveries: readonly QueuedDelivery[]): string[] {
  const superseded: string[] = [];
  let failure: QueuedDelivery[] = [];
  for (const delivery of deliveries) {
    failure.push(delivery);
    if (!isClosing(delivery.kind)) continue;
    if (failure.every(({ state, mayHaveArrived }) => state === 'pending' && !mayHaveArrived))
      superseded.push(...failure.map(({ id }) => id));
    failure = [];
  }
  return superseded;
}

/** Milliseconds before the next attempt, after this many that failed: doubled by each, up to the longest. */
export const getPauseMs = (attempts: number, { first, longest }: { first: number; longest: number }): number =>
  Math.min(longest, first * 2 ** (attempts - 1));
