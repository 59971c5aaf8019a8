import { ApplicationFailure } from '@temporalio/common';
import { isArmatureError } from '../domain/error/error.ts';
import { isDeliveryFailure } from '../domain/notification/delivery-failure.ts';

/**
 * The failure that Temporal records. Operators can read its history, so texts that may hold data stay in the log.
 * Errors that a caller has to fix aren't retried.
 */
export function toActivityFailure(activity: string, error: unknown): ApplicationFailure {
  if (isArmatureError(error) && error.code !== 'internal_error')
    return ApplicationFailure.nonRetryable(`${activity}: ${error.code}`, error.code);
  if (isDeliveryFailure(error))
    return ApplicationFailure.create({
      message: `${activity}: ${error.kind}`,
      type: error.name,
      ...(error.retryAfterMs !== null && { nextRetryDelay: error.retryAfterMs }),
    });
  const kind = error instanceof Error ? error.name : 'Error';
  return ApplicationFailure.retryable(`${activity} failed (${kind}); the worker's log has the details`, kind);
}
