import { minuteMs } from './time.ts';

/** By how much the clocks of two machines may differ. */
export const maxClockSkewMs = minuteMs;

/**
 * Whether a recorded time can be right. A clock that ran ahead leaves times in the future; nothing may wait for them.
 */
export const isCredible = (at: number, now: number): boolean => at <= now + maxClockSkewMs;

/** The time itself, or now if it can't be right. */
export const clampToNow = (at: Date, now: Date): Date => (isCredible(at.getTime(), now.getTime()) ? at : now);
