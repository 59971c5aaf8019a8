import { describe, expect, it } from 'vitest';
import { parseRetryAfterMs } from './retry-after.ts';

const now = new Date('2026-11-21T10:00:00.000Z');

describe('Retry-After', () => {
  it.each<[string | null | undefined, number | null]>([
    [null, null],
    [undefined, null],
    ['', null],
    ['soon', null],
    ['junk 5', null],
    ['5, 10', null],
    ['NaN', null],
    ['Infinity', null],
    ['1e3', null],
    ['0x10', null],
    ['2026', 2_026_000],
    ['5', 5000],
    [' 5 ', 5000],
    ['1', 1000],
    ['0', 1000],
    ['-0', 1000],
    ['-5', 1000],
    ['0.5', 1000],
    ['1.5', 1500],
    ['.5', 1000],
    ['3600', 3_600_000],
    ['3601', 3_600_000],
    ['99999999999999999999999', 3_600_000],
    ['Sat, 21 Nov 2026 10:01:00 GMT', 60_000],
    ['Saturday, 21-Nov-26 10:01:00 GMT', 60_000],
    ['Sat Nov 21 10:01:00 2026', 60_000],
    ['2026-11-21T10:01:00Z', 60_000],
    ['Wed, 21 Oct 2015 07:28:00 GMT', 1000],
    ['Sat, 21 Nov 2026 10:00:00 GMT', 1000],
    ['Sun, 22 Nov 2026 10:00:00 GMT', 3_600_000],
    ['Sat, 99 Nov 2026 10:00:00 GMT', null],
  ])('of %j asks for a pause of %j ms', (header, pauseMs) => {
    expect(parseRetryAfterMs(header, now)).toBe(pauseMs);
  });
});
