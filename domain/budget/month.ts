import { z } from 'zod';
import { dayMs } from '../values/time.ts';

/** A month in UTC, such as `2026-12`. */
export const month = z.string().regex(/^(20|21)\d\d-(0[1-9]|1[0-2])$/, 'Give a month as YYYY-MM, such as 2026-12.');

export const toMonth = (at: Date): string => at.toISOString().slice(0, 7);

/** The month `count` months later; earlier if negative. */
export function addMonths(of: string, count: number): string {
  const { start } = getBounds(of);
  return toMonth(new Date(Date.UTC(start.getUTCFullYear(), start.getUTCMonth() + count, 1)));
}

/** From its first moment until the first of the next month. */
export function getBounds(of: string): { start: Date; end: Date } {
  const start = new Date(`${of}-01T00:00:00.000Z`);
  return { start, end: new Date(Date.UTC(start.getUTCFullYear(), start.getUTCMonth() + 1, 1)) };
}

/** `December 2026`. */
export const formatMonth = (of: string): string =>
  getBounds(of).start.toLocaleDateString('en-US', { month: 'long', year: 'numeric', timeZone: 'UTC' });

/**
 * What a factor makes of the use so far, if the month goes on at its pace until now. Null on its first day, which says
 * too little, and for a month that is not the present one.
 */
export function forecastFactor(of: string, now: Date): number | null {
  const { start, end } = getBounds(of);
  const elapsedMs = now.getTime() - start.getTime();
  if (elapsedMs < dayMs || now >= end) return null;
  return (end.getTime() - start.getTime()) / elapsedMs;
}
