import { afterAll, beforeAll, expect, it } from 'vitest';
import { type FreshDatabase, freshDatabase } from '../../tests/support/setup/database.ts';
import { toNetwork } from '../context/network.ts';
import { countSignIn, signInLimits } from './throttle.ts';

let database: FreshDatabase;
const now = new Date('2026-11-30T12:00:00Z');

beforeAll(async () => {
  database = await freshDatabase();
});
afterAll(() => database?.drop());

const attempt = (number: number, address: string) =>
  countSignIn(database.db, { email: `person-${number}@example.com`, network: toNetwork(address), deviceId: null }, now);

it('limits all networks of an IPv6 /48 together, and gives successes back', async () => {
  const { attempts } = signInLimits.site;
  for (let number = 0; number < attempts; number++)
    expect(await attempt(number, `2001:db8:1:${number.toString(16)}::1`)).not.toHaveProperty('refusal');
  expect(await attempt(attempts, '2001:db8:1:ffff::1')).toMatchObject({
    refusal: { code: 'rate_limited', message: expect.stringContaining('from your network') },
  });
  const elsewhere = await attempt(attempts, '2001:db8:2::1');
  expect(elsewhere).not.toHaveProperty('refusal');
  expect(await attempt(attempts, '203.0.113.7')).not.toHaveProperty('refusal');

  const site = () => database.db.signInThrottle.count({ where: { key: { startsWith: 'site:' }, attempts: 0 } });
  expect(await site()).toBe(0);
  if ('forget' in elsewhere) await elsewhere.forget();
  expect(await site()).toBe(1);
});
