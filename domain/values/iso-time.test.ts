import { expect, it } from 'vitest';
import { isoTime } from './iso-time.ts';

it.each([
  ['2026-11-30T12:00:00Z', true],
  ['2026-11-30T12:00:00.123+02:00', true],
  ['0001-01-01T00:00:00Z', true],
  ['9999-12-31T23:59:59Z', true],
  ['0000-01-01T00:00:00Z', false],
  ['0001-01-01T00:00:00+10:00', false],
  ['9999-12-31T23:59:59-10:00', false],
  ['2026-02-30T00:00:00Z', false],
  ['yesterday', false],
])('%s as a time: %s', (text, isValid) => {
  expect(isoTime.safeParse(text).success).toBe(isValid);
});
