import { describe, expect, it } from 'vitest';
import { isTimezone, timezones } from './timezone.ts';

describe('a time zone', () => {
  it.each([
    'UTC',
    'Europe/Berlin',
    'America/Argentina/Buenos_Aires',
    'Asia/Kolkata',
    'Asia/Calcutta',
    'Europe/Kyiv',
    'US/Pacific',
  ])('may be %s', (zone) => {
    expect(isTimezone(zone)).toBe(true);
  });

  it.each(['europe/berlin', 'EUROPE/BERLIN', 'utc', 'us/pacific', 'Asia/kolkata', 'est'])(
    'is not %s, which Intl takes and Temporal refuses',
    (zone) => {
      expect(() => new Intl.DateTimeFormat('en', { timeZone: zone })).not.toThrow();
      expect(isTimezone(zone)).toBe(false);
    },
  );

  it.each(['', 'Local', 'Factory', '+02:00', 'GMT+2', 'Europe/Nowhere', ' UTC', 'UTC ', '../UTC'])(
    'is not "%s"',
    (zone) => {
      expect(isTimezone(zone)).toBe(false);
    },
  );

  it('is one that fire times can be computed in', () => {
    expect(timezones.length).toBeGreaterThan(500);
    for (const timeZone of timezones) expect(() => new Intl.DateTimeFormat('en', { timeZone }), timeZone).not.toThrow();
  });
});
