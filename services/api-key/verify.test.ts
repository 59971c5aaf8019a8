import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { type TestDeps, type TestOrg, testDeps, testOrg } from '../../tests/support/setup/context.ts';
import { createApiKey } from './create.ts';
import { listApiKeys } from './list.ts';
import { revokeApiKey } from './revoke.ts';
import { matchesHash } from './secret.ts';
import { createKeyVerifier } from './verify.ts';

let scenario: TestDeps;
let org: TestOrg;
beforeAll(async () => {
  scenario = await testDeps();
  org = await testOrg(scenario.deps);
});
afterEach(() => vi.useRealTimers());
afterAll(() => scenario?.close());

/** A verifier that counts how often it pays for scrypt. */
function counting(options: Parameters<typeof createKeyVerifier>[1] = {}, now = scenario.deps.now) {
  const derived: string[] = [];
  const verify = createKeyVerifier(
    { db: scenario.deps.db, now },
    {
      ...options,
      derive(secret, hash) {
        derived.push(secret);
        return matchesHash(secret, hash);
      },
    },
  );
  return { verify, derived };
}
const withSecret = (key: string, letter: string) => `${key.slice(0, 21)}${letter.repeat(43)}`;

describe('a key verifier', () => {
  it('knows a key by its secret and pays for scrypt once, however many ask at once', async () => {
    const { key, id } = await createApiKey(org.as('editor'), { name: 'CI' });
    const { verify, derived } = counting();
    const all = await Promise.all(Array.from({ length: 20 }, () => verify(key, '10.0.0.1')));
    for (const actor of all) expect(actor).toEqual({ kind: 'api_key', id, orgId: org.orgId, role: 'editor' });
    await verify(key, '10.0.0.2');
    expect(derived).toHaveLength(1);
  });

  it('derives wrong secrets of known keys, verified or not, and of ids that nobody has', async () => {
    const { key } = await createApiKey(org.ctx, { name: 'CI' });
    const { verify, derived } = counting();
    const unknown = `amt_0123456789abcdef_${'a'.repeat(43)}`;
    expect(await verify(withSecret(key, 'a'), '10.0.0.1')).toBeNull();
    expect(await verify(unknown, '10.0.0.1')).toBeNull();
    expect(await verify(key, '10.0.0.1')).not.toBeNull();
    expect(await verify(withSecret(key, 'a'), '10.0.0.1')).toBeNull();
    expect(derived).toHaveLength(4);
  });

  it.each([
    ['nothing', null],
    ['an empty one', ''],
    ['another scheme', 'sk_live_1234'],
    ['one without secret', 'amt_0123456789abcdef'],
    ['a secret that is too long', `amt_0123456789abcdef_${'a'.repeat(4300)}`],
    ['a NUL byte', `amt_0123456789abcdef_${'a'.repeat(42)}\u0000`],
  ])('refuses %s without scrypt', async (_, bearer) => {
    const { verify, derived } = counting();
    expect(await verify(bearer, '10.0.0.1')).toBeNull();
    expect(derived).toEqual([]);
  });

  it('refuses a revoked key at once on every process, remembered or not', async () => {
    const { key, id } = await createApiKey(org.ctx, { name: 'CI' });
    const [one, other] = [counting(), counting()];
    expect(await one.verify(key, '10.0.0.1')).not.toBeNull();
    expect(await other.verify(key, '10.0.0.1')).not.toBeNull();
    await revokeApiKey(org.ctx, { keyId: id });
    expect(await one.verify(key, '10.0.0.1')).toBeNull();
    expect(await other.verify(key, '10.0.0.1')).toBeNull();
  });

  it('refuses a key above what its creator may do by now, and one of a member who left', async () => {
    const { key } = await createApiKey(org.as('admin'), { name: 'CI' });
    const { verify } = counting();
    expect(await verify(key, '10.0.0.1')).not.toBeNull();
    const member = { orgId_userId: { orgId: org.orgId, userId: org.as('admin').actor.id } };
    await scenario.deps.db.member.update({ where: member, data: { role: 'editor' } });
    expect(await verify(key, '10.0.0.1')).toBeNull();
    await scenario.deps.db.member.delete({ where: member });
    expect(await verify(key, '10.0.0.1')).toBeNull();
  });

  it("knows a key by a role up to its creator's", async () => {
    const { key } = await createApiKey(org.as('editor'), { name: 'CI', role: 'viewer' });
    expect(await counting().verify(key, '10.0.0.1')).toMatchObject({ role: 'viewer' });
    await expect(createApiKey(org.as('editor'), { name: 'CI', role: 'admin' })).rejects.toMatchObject({
      code: 'permission_denied',
      details: { fieldErrors: [{ field: 'role' }] },
    });
  });

  it('refuses a key after its expiry', async () => {
    let at = Date.now();
    const deps = { ...scenario.deps, now: () => new Date(at) };
    const { key, expiresAt } = await createApiKey({ ...org.ctx, deps }, { name: 'CI', expiresInDays: 30 });
    expect(expiresAt).toBe(new Date(at + 30 * 86_400_000).toISOString());
    const { verify } = counting({}, deps.now);
    expect(await verify(key, '10.0.0.1')).not.toBeNull();
    at += 30 * 86_400_000;
    const reports: unknown[] = [];
    expect(await verify(key, '10.0.0.1', async (failure) => void reports.push(failure))).toBeNull();
    expect(reports).toMatchObject([{ orgId: org.orgId, reason: 'expired' }]);
  });

  it('derives a few wrong secrets per minute and network', async () => {
    vi.useFakeTimers({ toFake: ['Date'] });
    const { key } = await createApiKey(org.ctx, { name: 'CI' });
    const { verify, derived } = counting({ wrongPerMinute: 3 });
    for (const letter of 'abc') expect(await verify(withSecret(key, letter), '10.0.0.1')).toBeNull();
    await expect(verify(withSecret(key, 'd'), '10.0.0.1')).rejects.toMatchObject({
      code: 'rate_limited',
      details: { retryAfterSeconds: 60 },
    });
    expect(derived).toHaveLength(3);
    vi.setSystemTime(Date.now() + 60_001);
    expect(await verify(withSecret(key, 'd'), '10.0.0.1')).toBeNull();
    expect(derived).toHaveLength(4);
  });

  it("doesn't lock a key's owner out while others send wrong secrets for it", async () => {
    const { key, id } = await createApiKey(org.ctx, { name: 'CI' });
    const { verify } = counting({ wrongPerMinute: 1 });
    for (const network of ['10.0.0.1', '10.0.0.2', '2001:db8:1:1::/64'])
      expect(await verify(withSecret(key, 'a'), network)).toBeNull();
    expect(await verify(key, '10.0.0.9')).toMatchObject({ id });
    // Not even from the attacker's own network, once the key is verified.
    expect(await verify(key, '10.0.0.1')).toMatchObject({ id });
  });

  it('limits nobody whose network is not known, since that would limit everybody', async () => {
    const { key } = await createApiKey(org.ctx, { name: 'CI' });
    const { verify } = counting({ wrongPerMinute: 1 });
    for (const letter of 'abc') expect(await verify(withSecret(key, letter), null)).toBeNull();
  });

  it('counts attempts that come at once', async () => {
    const { key, id } = await createApiKey(org.ctx, { name: 'CI' });
    const { verify, derived } = counting({ wrongPerMinute: 3 });
    const ends = await Promise.allSettled([...'abcdefgh'].map((letter) => verify(withSecret(key, letter), '10.0.0.1')));
    expect(ends.filter(({ status }) => status === 'rejected')).toHaveLength(5);
    expect(derived).toHaveLength(3);
    expect(await verify(key, '10.0.0.2')).toMatchObject({ id });
  });

  it('refuses when more than 64 secrets wait to be derived', async () => {
    const { key } = await createApiKey(org.ctx, { name: 'CI' });
    const { verify, derived } = counting({ wrongPerMinute: 1 });
    const ends = await Promise.allSettled(
      Array.from({ length: 80 }, (_, n) => verify(`${key.slice(0, 21)}${String(n).padStart(43, '0')}`, `10.0.1.${n}`)),
    );
    const refused = ends.filter((end) => end.status === 'rejected');
    expect(refused.length).toBeGreaterThanOrEqual(14);
    for (const { reason } of refused) expect(reason).toMatchObject({ code: 'rate_limited' });
    expect(derived).toHaveLength(80 - refused.length);
  });

  it('notes the last use at most once a minute', async () => {
    const { key, id } = await createApiKey(org.ctx, { name: 'CI' });
    const start = Date.parse('2026-11-21T10:00:00.000Z');
    let at = start;
    const { verify } = counting({}, () => new Date(at));
    const lastUsed = async () =>
      (await scenario.deps.db.apiKey.findUniqueOrThrow({ where: { id } })).lastUsedAt?.getTime();
    await verify(key, '10.0.0.1');
    expect(await lastUsed()).toBe(start);
    at += 59_000;
    await verify(key, '10.0.0.1');
    expect(await lastUsed()).toBe(start);
    at += 2_000;
    await verify(key, '10.0.0.1');
    expect(await lastUsed()).toBe(start + 61_000);
  });
});

describe('the API keys of a workspace', () => {
  it('are listed with their creator and never with their hash', async () => {
    const mine = await testOrg(scenario.deps);
    const { id } = await createApiKey(mine.as('editor'), { name: 'Laptop' });
    await createApiKey(mine.as('admin'), { name: 'CI' });
    const first = await listApiKeys(mine.as('editor'), { limit: 1 });
    const rest = await listApiKeys(mine.as('editor'), { cursor: first.nextCursor ?? '' });
    expect(first.keys).toMatchObject([
      { name: 'CI', role: 'admin', createdByName: 'The admin', revocable: false, lastUsedAt: null },
    ]);
    expect(rest).toMatchObject({ keys: [{ id, name: 'Laptop', role: 'editor', revocable: true }], nextCursor: null });
    expect(JSON.stringify([first, rest])).not.toContain('scrypt');
  });

  it('are revoked by who made them or an admin, audited, and by nobody else', async () => {
    const mine = await testOrg(scenario.deps);
    const [a, b] = [
      await createApiKey(mine.as('viewer'), { name: 'A' }),
      await createApiKey(mine.as('viewer'), { name: 'B' }),
    ];
    await expect(revokeApiKey(mine.as('editor'), { keyId: a.id })).rejects.toMatchObject({
      code: 'permission_denied',
      details: { neededRole: 'admin' },
    });
    await revokeApiKey(mine.as('viewer'), { keyId: a.id });
    await revokeApiKey(mine.as('admin'), { keyId: b.id });
    await expect(revokeApiKey(mine.as('admin'), { keyId: b.id })).rejects.toMatchObject({ code: 'api_key_not_found' });
    const audit = await scenario.deps.db.auditEvent.findMany({
      where: { orgId: mine.orgId, action: 'api_key.revoke' },
      orderBy: { id: 'asc' },
    });
    expect(audit).toMatchObject([
      { subject: a.id, actorId: mine.as('viewer').actor.id, data: { name: 'A', role: 'viewer' } },
      { subject: b.id, actorId: mine.as('admin').actor.id },
    ]);
  });
});
