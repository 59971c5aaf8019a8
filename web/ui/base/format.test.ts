import { describe, expect, it } from 'vitest';
import { createFormat } from './format.ts';

const berlin = createFormat({ locale: 'en-GB', zone: 'Europe/Berlin' });
const german = createFormat({ locale: 'de-DE', zone: 'Europe/Berlin' });
const utc = createFormat({ locale: 'en', zone: 'UTC' });

const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;
const day = 24 * hour;

describe('a duration', () => {
  it.each([
    [null, '–'],
    [0, '0 ms'],
    [840.4, '840 ms'],
    [999.6, '1.0 s'],
    [3200, '3.2 s'],
    [59_940, '59.9 s'],
    [59_960, '1 min'],
    [125 * second, '2 min 5 s'],
    [59 * minute + 59.6 * second, '1 h'],
    [day - second, '1 d'],
    [3 * hour + 10 * minute, '3 h 10 min'],
    [day, '1 d'],
    [2 * day + 4 * hour, '2 d 4 h'],
  ])('of %s ms is %s', (ms, text) => expect(utc.duration(ms)).toBe(text));
  it('has the decimal sign of the locale', () => expect(german.duration(3200)).toBe('3,2 s'));
});

describe('a share', () => {
  it.each([
    [null, '–'],
    [0, '0 %'],
    [0.29, '29 %'],
    [2 / 3, '66.6 %'],
    [0.9, '90 %'],
    [0.98765, '98.7 %'],
    [0.9995, '99.95 %'],
    [0.999999, '99.99 %'],
    [1, '100 %'],
  ])('of %s is %s', (share, text) => expect(utc.percent(share)).toBe(text));
});

describe('tokens', () => {
  it.each([
    [null, '–'],
    [0, '0'],
    [999, '999'],
    [1000, '1k'],
    [12_384, '12.4k'],
    [999_949, '999.9k'],
    [999_950, '1M'],
    [1_234_567, '1.2M'],
  ])('%s are %s', (value, text) => expect(utc.tokens(value)).toBe(text));
});

describe('a cost', () => {
  it.each([
    [null, '–'],
    [0, '$0'],
    [0.0042, '$0.0042'],
    [1, '$1.00'],
    [1234.5, '$1,234.50'],
  ])('of %s dollars is %s', (dollars, text) => expect(utc.cost(dollars)).toBe(text));
});

describe('a number', () => {
  it('is grouped as the locale does', () => {
    expect(utc.number(12_384)).toBe('12,384');
    expect(german.number(12_384)).toBe('12.384');
    expect(utc.number(null)).toBe('–');
  });
  it('agrees with its noun', () => {
    expect([utc.count(1, 'check'), utc.count(0, 'check'), utc.count(2000, 'query', 'queries')]).toEqual([
      '1 check',
      '0 checks',
      '2,000 queries',
    ]);
  });
});

describe('a time', () => {
  const at = '2026-12-01T13:05:09.123Z';
  const now = Date.parse('2026-12-05T12:00:00Z');
  it('is in the zone and locale of the reader', () => {
    expect(berlin.dateTime(at, now)).toBe('1 Dec, 14:05');
    expect(german.dateTime(at, now)).toBe('1. Dez., 14:05');
    expect(berlin.clock(at)).toBe('14:05:09');
    expect(berlin.day('2026-12-01T23:30:00Z')).toBe('2 Dec');
    expect(berlin.exact(at)).toMatch(/^Tuesday,? 1 December 2026 at 14:05:09 CET$/);
  });
  it('says that it is UTC where the zone is that', () => expect(utc.dateTime(at, now)).toBe('Dec 1, 01:05 PM UTC'));
  it('has a year when it is not of this one', () =>
    expect(berlin.dateTime('2025-12-01T13:05:00Z', now)).toBe('1 Dec 2025, 14:05'));
  it.each([
    [0, 'just now'],
    [-4 * second, 'just now'],
    [4 * second, 'just now'],
    [-5 * second, '5 s ago'],
    [-59 * second, '59 s ago'],
    [-minute, '1 min ago'],
    [-59.9 * minute, '59 min ago'],
    [-hour, '1 h ago'],
    [3 * hour, 'in 3 h'],
    [-day, '1 day ago'],
    [-6 * day, '6 days ago'],
    [-8 * day, '27 Nov, 13:00'],
  ])('%d ms from now is %s', (distance, text) => expect(berlin.relative(now + distance, now)).toBe(text));
});
