import { hourMs, secondMs } from '../values/time.ts';

/**
 * The next attempt is never sooner, so that a receiver isn't hammered, and never later, whatever a receiver asks for.
 */
const [minPauseMs, maxPauseMs] = [secondMs, hourMs];

const number = /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)$/;
/** `Sun, 06 Nov 1994 08:49:37 GMT` and the two older forms of HTTP, of which asctime's has no zone. */
const httpDate = /^(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]*,? [\w :-]+$/;
const isoDate = /^\d{4}-\d{2}-\d{2}T[\d:.]+(?:Z|[+-]\d{2}:\d{2})$/;

/**
 * Reads `Retry-After`: when the next attempt is, never whether there is one. Zero, negative numbers and past dates mean
 * as soon as possible.
 * @returns milliseconds, from a second to an hour; null if there is no header or it can't be read
 */
export function parseRetryAfterMs(header: string | null | undefined, now: Date): number | null {
  const text = header?.trim() ?? '';
  const pauseMs = number.test(text) ? Number(text) * 1000 : parseDate(text) - now.getTime();
  return Number.isNaN(pauseMs) ? null : Math.min(Math.max(pauseMs, minPauseMs), maxPauseMs);
}

function parseDate(text: string): number {
  if (httpDate.test(text)) return Date.parse(text.endsWith('GMT') ? text : `${text} GMT`);
  return isoDate.test(text) ? Date.parse(text) : Number.NaN;
}
