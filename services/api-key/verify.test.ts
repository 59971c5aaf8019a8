import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type TestDeps, type TestOrg, testDeps, testOrg } from '../../tests/support/setup/context.ts';
import { createApiKey } from './create.ts';
import { listApiKeys } from './list.ts';
import { revokeApiKey } from './revoke.ts';
import { matchesHash } from './secret.ts';
import { createKeyVerifier } from './verify.ts';

let house: TestDeps;
let org: TestOrg;
beforeAll(async () => {
  house = await testDeps();
  org = await testOrg(house.deps);
});
afterAll(() => house?.close());

/** A verifier that counts how often it pays for scrypt. */
function counting(options: Parameters<typeof createKeyVerifier>[1] = {}, now = house.deps.now) {
  const derived: string[] = [];
  const verifier = createKeyVerifier(
    { db: house.deps.db, now },
    {
      ...options,
      derive(secret, hash) {
        derived.push(secret);
        return matchesHash(secret, hash);
      },
    },
  );
  return { ...verifier, derived };
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

  it('shares look-ups among requests that come together, but not with one that was sent before', async () => {
    const { key, id } = await createApiKey(org.ctx, { name: 'CI' });
    const { db, now } = house.deps;
    let asked = 0;
    const counting: Parameters<typeof createKeyVerifier>[0]['db'] = {
      apiKey: db.apiKey,
      read(statement) {
        asked += 1;
        return db.read(statement);
      },
    };
    const { verify } = createKeyVerifier({ db: counting, now });
    await verify(key, '10.0.0.1');
    asked = 0;
    const all = await Promise.all(Array.from({ length: 20 }, () => verify(key, '10.0.0.1')));
    expect(all.every((actor) => actor?.id === id)).toBe(true);
    // The first one's own, and one that began when the others had come.
    expect(asked).toBe(2);

    const before = verify(key, '10.0.0.1');
    await db.apiKey.delete({ where: { id } });
    const after = verify(key, '10.0.0.1');
    expect((await before)?.id ?? id).toBe(id);
    expect(await after).toBeNull();
  });

  it('refuses a wrong secret of a known key without scrypt', async () => {
    const { key } = await createApiKey(org.ctx, { name: 'CI' });
    const { verify, derived } = counting();
    await verify(key, '10.0.0.1');
    for (const letter of 'abcdefgh') expect(await verify(withSecret(key, letter), '10.0.0.1')).toBeNull();
    expect(derived).toHaveLength(1);
  });

  it.each([
    ['nothing', null],
    ['an empty one', ''],
    ['another scheme', 'sk_live_1234'],
    ['one without secret', 'amt_0123456789abcdef'],
    ['an unknown id', `amt_0123456789abcdef_${'a'.repeat(43)}`],
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
    await house.deps.db.member.update({ where: member, data: { role: 'editor' } });
    expect(await verify(key, '10.0.0.1')).toBeNull();
    await house.deps.db.member.delete({ where: member });
    expect(await verify(key, '10.0.0.1')).toBeNull();
  });

  it('bounds what wrong secrets cost: by key and address, in number and at once', async () => {
    const { key } = await createApiKey(org.ctx, { name: 'CI' });
    let at = Date.now();
    const { verify, derived } = counting({ wrongPerMinute: 3 }, () => new Date(at));
    for (const letter of 'abc') expect(await verify(withSecret(key, letter), '10.0.0.1')).toBeNull();
    expect(await verify(withSecret(key, 'a'), '10.0.0.1')).toBeNull();
    expect(derived).toHaveLength(3);
    await expect(verify(withSecret(key, 'd'), '10.0.0.9')).rejects.toMatchObject({
      code: 'rate_limited',
      details: { retryAfterSeconds: 60 },
    });
    at += 60_001;
    expect(await verify(key, '10.0.0.1')).not.toBeNull();

    const { key: second } = await createApiKey(org.ctx, { name: 'CI' });
    const narrow = counting({ atOnce: 1, waiting: 1, wrongPerMinute: 100 });
    const ends = await Promise.allSettled(
      [...'abcdefghij'].map((letter) => narrow.verify(withSecret(second, letter), '10.0.0.1')),
    );
    expect(narrow.derived.length).toBeLessThanOrEqual(2);
    const refused = ends.filter((end) => end.status === 'rejected');
    expect(refused.length).toBeGreaterThanOrEqual(8);
    for (const { reason } of refused) expect(reason).toMatchObject({ code: 'rate_limited' });
  });

  it('notes the last use at most once a minute', async () => {
    const { key, id } = await createApiKey(org.ctx, { name: 'CI' });
    const start = Date.parse('2026-11-21T10:00:00.000Z');
    let at = start;
    const { verify } = counting({}, () => new Date(at));
    const lastUsed = async () =>
      (await house.deps.db.apiKey.findUniqueOrThrow({ where: { id } })).lastUsedAt?.getTime();
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
    const mine = await testOrg(house.deps);
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
    const mine = await testOrg(house.deps);
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
    await expect(revokeApiKey(mine.as('admin'), { keyId: b.id })).rejects.toMatchObject({ code: 'resource_not_found' });
    const audit = await house.deps.db.auditEvent.findMany({
      where: { orgId: mine.orgId, action: 'api_key.revoke' },
      orderBy: { id: 'asc' },
    });
    expect(audit).toMatchObject([
      { subject: a.id, actorId: mine.as('viewer').actor.id, data: { name: 'A', role: 'viewer' } },
      { subject: b.id, actorId: mine.as('admin').actor.id },
    ]);
  });
});
