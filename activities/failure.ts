import { ApplicationFailure } from '@temporalio/common';
import { isArmatureError } from '../domain/error/error.ts';
import { isDeliveryFailure } from '../domain/notification/delivery-failure.ts';

/** A receiver may ask for any pause; a longer one than this would use up the time that a delivery is tried for. */
const maxPauseMs = 60 * 60_000;

/**
 * What Temporal is told of a failure. Its history is readable by every operator, so texts that may hold data stay in the log.
 * What a caller would have to put right is not tried again: trying doesn't put it right.
 */
export function toActivityFailure(activity: string, error: unknown): ApplicationFailure {
  if (isArmatureError(error) && error.code !== 'internal_error')
    return ApplicationFailure.nonRetryable(`${activity}: ${error.code}`, error.code);
  if (isDeliveryFailure(error))
    return ApplicationFailure.create({
      message: `${activity}: ${error.kind}`,
      type: error.name,
      ...(error.retryAfterMs !== null && { nextRetryDelay: Math.min(error.retryAfterMs, maxPauseMs) }),
    });
  const kind = error instanceof Error ? error.name : 'Error';
  return ApplicationFailure.retryable(`${activity} failed (${kind}); the worker's log has the details`, kind);
}
