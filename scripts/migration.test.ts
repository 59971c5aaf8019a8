import { expect, it } from 'vitest';
import { nameMigration } from './migration.ts';

const now = new Date('2026-11-30T16:05:09.123Z');

it('names a migration so that it comes after the earlier ones', () => {
  expect(nameMigration('add_run_label', now)).toBe('20261130160509_add_run_label');
});

it.each(['', 'Add label', '../out', '1st'])('refuses the name %j', (name) => {
  expect(() => nameMigration(name, now)).toThrow('npm run migration -- <name>');
});
