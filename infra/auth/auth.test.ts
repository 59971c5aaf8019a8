import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type TestDeps, testDeps } from '../../tests/support/setup/context.ts';
import { createAuth } from './index.ts';

let scenario: TestDeps;
beforeAll(async () => {
  scenario = await testDeps();
});
afterAll(() => scenario?.close());

describe('hashing passwords', () => {
  it('is refused while too many wait, and goes on after them', async () => {
    const { config, db } = scenario.deps;
    const auth = createAuth({ config, db, maxWaiting: 1 });
    const visit = { cookie: '', address: '192.0.2.1', userAgent: 'test' };
    const ends = await Promise.allSettled([
      auth.hashPassword('a long password'),
      auth.signIn({ email: 'nobody@example.com', password: 'a long password' }, visit),
      auth.hashPassword('a long password'),
      auth.hashPassword('a long password'),
      auth.signIn({ email: 'nobody@example.com', password: 'a long password' }, visit),
    ]);
    const codes = ends.map((end) => (end.status === 'rejected' ? end.reason.code : 'ok'));
    // Two at a time, one waits, and the rest is refused at once.
    expect(codes).toEqual(['ok', 'ok', 'ok', 'rate_limited', 'rate_limited']);
    expect(await auth.hashPassword('a long password')).toMatch(/./);
  });
});
