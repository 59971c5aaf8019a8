import type { DeliveryState } from './rule.ts';

/** States that a person may send a delivery again from. */
const retryable: ReadonlySet<string> = new Set(['failed', 'unknown', 'bounced', 'outbox'] satisfies DeliveryState[]);

export const canRetry = (state: string): boolean => retryable.has(state);
