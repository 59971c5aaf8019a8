import { minuteMs } from '../values/time.ts';

/** A fire time that passed while Temporal or the workers were away is still carried out for this long. */
export const catchUpMs = 5 * minuteMs;

/** Why a later one is skipped. */
export const missedReason =
  'Temporal or the worker was not available at this time, for longer than the catch-up window.';
