import type { DeliveryState } from './rule.ts';

/** States from which a person may retry a delivery. */
const retryable: ReadonlySet<string> = new Set(['failed', 'unknown', 'bounced', 'outbox'] satisfies DeliveryState[]);

export const canRetry = (state: string): boolean => retryable.has(state);
