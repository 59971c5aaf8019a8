import { randomBytes } from 'node:crypto';
import { Client } from 'pg';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { newId } from '../../services/context/ids.ts';
import { type FreshDatabase, freshDatabase } from '../../tests/support/setup/database.ts';
import { createSecrets, type Secrets, SecretsKeyError } from './index.ts';

let database: FreshDatabase;
let client: Client;
const opened: Secrets[] = [];

beforeAll(async () => {
  database = await freshDatabase();
  client = new Client({ connectionString: database.secretsUrl });
  await client.connect();
});
afterEach(() => Promise.all(opened.splice(0).map((secrets) => secrets.close())));
afterAll(async () => {
  await client.end();
  await database.drop();
});

const newKey = () => randomBytes(32).toString('base64');
function open(key: string, previousKeys: string[] = []): Secrets {
  const secrets = createSecrets({ url: database.secretsUrl, key, previousKeys });
  opened.push(secrets);
  return secrets;
}

describe('the secrets store', () => {
  it('gives back what was put, until it is destroyed', async () => {
    const { secrets } = database;
    const orgId = newId();
    const value = { headers: { Authorization: 'Bearer abc' }, nested: [1, null, true] };
    const ref = await secrets.put(orgId, value);
    expect(await secrets.get(orgId, ref)).toEqual(value);
    await secrets.destroy(orgId, ref);
    expect(await secrets.get(orgId, ref)).toBeNull();
    await secrets.destroy(orgId, ref);
  });

  it('knows nothing of another organization', async () => {
    const { secrets } = database;
    const [mine, theirs] = [newId(), newId()];
    const ref = await secrets.put(theirs, { token: 'theirs alone' });
    expect(await secrets.get(mine, ref)).toBeNull();
    await secrets.destroy(mine, ref);
    expect(await secrets.get(theirs, ref)).toEqual({ token: 'theirs alone' });
    expect(await secrets.getReadable(mine, [ref])).toEqual(new Map());
  });

  it('stores nothing that can be read without the key', async () => {
    const orgId = newId();
    await database.secrets.put(orgId, { token: 'plain-as-day' });
    const { rows } = await client.query('SELECT t::text AS text, sealed FROM secret t WHERE org_id = $1', [orgId]);
    expect(rows).toHaveLength(1);
    expect(rows[0].text).not.toContain('plain-as-day');
    expect(rows[0].sealed.toString('latin1')).not.toContain('plain-as-day');
  });

  it('gives back many at once, without those that are missing or can not be opened', async () => {
    const { secrets } = database;
    const orgId = newId();
    const [one, two] = [await secrets.put(orgId, { a: 'one' }), await secrets.put(orgId, { a: 'two' })];
    const broken = await open(newKey()).put(orgId, { a: 'under another key' });
    expect(await secrets.getReadable(orgId, [one, two, broken, newId()])).toEqual(
      new Map([
        [one, { a: 'one' }],
        [two, { a: 'two' }],
      ]),
    );
  });
});

describe('keys', () => {
  it('are 32 bytes in base64 or hex', async () => {
    const raw = randomBytes(32);
    const orgId = newId();
    const ref = await open(raw.toString('hex')).put(orgId, { a: 'the same key' });
    expect(await open(` ${raw.toString('base64')}\n`).get(orgId, ref)).toEqual({ a: 'the same key' });
    for (const key of ['', 'short', randomBytes(31).toString('base64'), randomBytes(33).toString('hex')])
      expect(() => createSecrets({ url: database.secretsUrl, key }), key).toThrow(SecretsKeyError);
  });

  it('that are wrong are named, and nothing is given back', async () => {
    const orgId = newId();
    const ref = await open(newKey()).put(orgId, { a: 'under another key' });
    const wrong = open(newKey());
    await expect(wrong.get(orgId, ref)).rejects.toThrow(SecretsKeyError);
    await expect(wrong.get(orgId, ref)).rejects.toThrow('ARMATURE_SECRETS_KEY');
  });

  it('can be replaced: old values stay readable, new ones need the new key alone', async () => {
    const [before, after] = [newKey(), newKey()];
    const orgId = newId();
    const old = await open(before).put(orgId, { a: 'from before' });
    const rotated = open(after, [before]);
    const fresh = await rotated.put(orgId, { a: 'from after' });
    expect(await rotated.get(orgId, old)).toEqual({ a: 'from before' });
    expect(await open(after).get(orgId, fresh)).toEqual({ a: 'from after' });
    await expect(open(before).get(orgId, fresh)).rejects.toThrow(SecretsKeyError);
  });
});

describe('rotation', () => {
  const keyIdsOf = async (orgId: string) =>
    (await client.query<{ key_id: string }>('SELECT key_id FROM secret WHERE org_id = $1', [orgId])).rows.map(
      ({ key_id }) => key_id,
    );

  it('encrypts every row with the current key, and has nothing to do the second time', async () => {
    const [before, after] = [newKey(), newKey()];
    const orgId = newId();
    const old = open(before);
    const values = Array.from({ length: 450 }, (_, number) => ({ number }));
    const refs = await Promise.all(values.map((value) => old.put(orgId, value)));
    const rotated = open(after, [before]);
    expect(await rotated.rotate()).toBe(450);
    expect(await rotated.rotate()).toBe(0);
    expect(new Set(await keyIdsOf(orgId)).size).toBe(1);
    const alone = await open(after).getReadable(orgId, refs);
    expect(refs.map((ref) => alone.get(ref))).toEqual(values);
  });

  it('leaves a row that it can not open, and does the others', async () => {
    const [lost, before, after] = [newKey(), newKey(), newKey()];
    const orgId = newId();
    const ref = await open(lost).put(orgId, { a: 'under a lost key' });
    await open(before).put(orgId, { a: 'under the earlier key' });
    expect(await open(after, [before]).rotate()).toBe(1);
    expect(await open(lost).get(orgId, ref)).toEqual({ a: 'under a lost key' });
  });

  it('does no harm when it runs twice at once, beside stores and removals', async () => {
    const [before, after] = [newKey(), newKey()];
    const orgId = newId();
    const old = open(before);
    const refs = await Promise.all(Array.from({ length: 30 }, (_, number) => old.put(orgId, { number })));
    const [one, two] = [open(after, [before]), open(after, [before])];
    const [gone = ''] = refs;
    const [a, b, fresh] = await Promise.all([
      one.rotate(),
      two.rotate(),
      one.put(orgId, { a: 'new' }),
      old.destroy(orgId, gone),
    ]);
    expect([29, 30]).toContain(a + b);
    const readable = await open(after).getReadable(orgId, [...refs, fresh]);
    expect(readable.size).toBe(30);
  });
});

describe('a row that was tampered with', () => {
  it.each(['sealed', 'wrapped_key'])('is refused when a byte of %s is another', async (column) => {
    const orgId = newId();
    const ref = await database.secrets.put(orgId, { a: 'as it was' });
    for (const position of [0, 12, 28]) {
      const flip = `UPDATE secret SET ${column} = set_byte(${column}, ${position}, get_byte(${column}, ${position}) # 1) WHERE ref = $1`;
      await client.query(flip, [ref]);
      await expect(database.secrets.get(orgId, ref)).rejects.toThrow(SecretsKeyError);
      await client.query(flip, [ref]);
      expect(await database.secrets.get(orgId, ref)).toEqual({ a: 'as it was' });
    }
  });

  it('is refused when it is cut short', async () => {
    const orgId = newId();
    const ref = await database.secrets.put(orgId, { a: 'as it was' });
    await client.query(`UPDATE secret SET sealed = substring(sealed FROM 1 FOR 10) WHERE ref = $1`, [ref]);
    await expect(database.secrets.get(orgId, ref)).rejects.toThrow(SecretsKeyError);
  });

  it('is refused in the place of another, of the same or another organization', async () => {
    const { secrets } = database;
    const [mine, theirs] = [newId(), newId()];
    const ref = await secrets.put(mine, { a: 'mine' });
    const other = await secrets.put(mine, { a: 'mine, other' });
    const foreign = await secrets.put(theirs, { a: 'theirs' });
    const copy = `UPDATE secret a SET wrapped_key = b.wrapped_key, sealed = b.sealed FROM secret b WHERE a.ref = $1 AND b.ref = $2`;
    for (const from of [other, foreign]) {
      await client.query(copy, [ref, from]);
      await expect(secrets.get(mine, ref)).rejects.toThrow(SecretsKeyError);
    }
  });
});

describe('sealed payloads', () => {
  const bytes = new TextEncoder().encode('a tool result');

  it('open for the same context only', () => {
    const { secrets } = database;
    const sealed = secrets.seal(bytes, 'run/1/0');
    expect(Buffer.from(sealed).toString('latin1')).not.toContain('tool result');
    expect(secrets.open(sealed, 'run/1/0')).toEqual(bytes);
    expect(() => secrets.open(sealed, 'run/1/1')).toThrow(SecretsKeyError);
    expect(() => secrets.open(sealed.subarray(0, 20), 'run/1/0')).toThrow(SecretsKeyError);
  });

  it('open after a rotation, and for no other key', () => {
    const [before, after] = [newKey(), newKey()];
    const sealed = open(before).seal(bytes, 'run/1/0');
    expect(open(after, [before]).open(sealed, 'run/1/0')).toEqual(bytes);
    expect(() => open(after).open(sealed, 'run/1/0')).toThrow(SecretsKeyError);
  });
});
