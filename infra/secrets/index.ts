import { randomBytes } from 'node:crypto';
import { Pool } from 'pg';
import { v7 as uuid } from 'uuid';
import { z } from 'zod';
import { decrypt, encrypt, keyId, masterKey, SecretsKeyError } from './cipher.ts';

export { SecretsKeyError } from './cipher.ts';

/** Every string in `values` this short would blank half of a text; credentials are longer. */
const minRedactedLength = 4;
const cacheMilliseconds = 10_000;

export type Secrets = {
  /** Stores a JSON object of an organization. @returns its reference, which is no secret. */
  put(orgId: string, value: object): Promise<string>;
  /** @returns null when there is none of that reference in that organization. @throws SecretsKeyError */
  get(orgId: string, ref: string): Promise<Record<string, unknown> | null>;
  /** Deletes it; no error when it is gone already. */
  destroy(orgId: string, ref: string): Promise<void>;
  /**
   * All strings inside the organization's secrets that have at least four characters, longest first: what redaction looks for. What
   * another process stored may be missing for ten seconds.
   */
  values(orgId: string): Promise<string[]>;
  /** Encrypts a short-lived payload that is stored elsewhere. `context` has to be the same when it is opened. */
  seal(bytes: Uint8Array, context: string): Uint8Array<ArrayBuffer>;
  /** @throws SecretsKeyError when it was sealed by another key, for another context, or was changed. */
  open(sealed: Uint8Array, context: string): Uint8Array<ArrayBuffer>;
  close(): Promise<void>;
};

type Row = { ref: string; key_id: string; wrapped_key: Buffer; sealed: Buffer };

/**
 * The secrets store: database `armature_secrets`.
 * @param key master key: 32 bytes in base64 or hex.
 * @param previousKeys keys that were the master key before; values under them stay readable.
 * @throws SecretsKeyError when a key is not 32 bytes.
 */
export function createSecrets(options: { url: string; key: string; previousKeys?: string[]; max?: number }): Secrets {
  const current = masterKey(options.key);
  const currentId = keyId(current);
  const keys = new Map([current, ...(options.previousKeys ?? []).map(masterKey)].map((key) => [keyId(key), key]));
  const pool = new Pool({ connectionString: options.url, max: options.max ?? 4, application_name: 'armature' });
  // A pooled connection that breaks while idle is replaced at the next query, which reports what is wrong.
  pool.on('error', () => {});
  const cache = new Map<string, { until: number; values: Promise<string[]> }>();

  function unseal(orgId: string, row: Row): Record<string, unknown> {
    const key = keys.get(row.key_id);
    if (!key) {
      throw new SecretsKeyError(
        `The secret ${row.ref} was encrypted with key ${row.key_id}, but the key that is set is ${currentId}. Set ARMATURE_SECRETS_KEY to the key it was stored with.`,
      );
    }
    const context = `${orgId}/${row.ref}`;
    const dataKey = decrypt(key, row.wrapped_key, `key/${context}`);
    const text = decrypt(dataKey, row.sealed, `value/${context}`).toString('utf8');
    return z.record(z.string(), z.unknown()).parse(JSON.parse(text));
  }

  async function readValues(orgId: string): Promise<string[]> {
    const { rows } = await pool.query<Row>('SELECT ref, key_id, wrapped_key, sealed FROM secret WHERE org_id = $1', [
      orgId,
    ]);
    const found = new Set(rows.flatMap((row) => strings(unseal(orgId, row))));
    return [...found].filter((value) => value.length >= minRedactedLength).sort((a, b) => b.length - a.length);
  }

  return {
    async put(orgId, value) {
      const ref = uuid();
      const context = `${orgId}/${ref}`;
      const dataKey = randomBytes(32);
      const sealed = encrypt(dataKey, Buffer.from(JSON.stringify(value)), `value/${context}`);
      const wrapped = encrypt(current, dataKey, `key/${context}`);
      await pool.query('INSERT INTO secret (org_id, ref, key_id, wrapped_key, sealed) VALUES ($1, $2, $3, $4, $5)', [
        orgId,
        ref,
        currentId,
        wrapped,
        sealed,
      ]);
      cache.delete(orgId);
      return ref;
    },

    async get(orgId, ref) {
      const { rows } = await pool.query<Row>(
        'SELECT ref, key_id, wrapped_key, sealed FROM secret WHERE org_id = $1 AND ref = $2',
        [orgId, ref],
      );
      const row = rows[0];
      return row ? unseal(orgId, row) : null;
    },

    async destroy(orgId, ref) {
      await pool.query('DELETE FROM secret WHERE org_id = $1 AND ref = $2', [orgId, ref]);
      cache.delete(orgId);
    },

    async values(orgId) {
      const now = performance.now();
      const cached = cache.get(orgId);
      if (cached && cached.until > now) return [...(await cached.values)];
      const values = readValues(orgId);
      cache.set(orgId, { until: now + cacheMilliseconds, values });
      try {
        return [...(await values)];
      } catch (error) {
        cache.delete(orgId);
        throw error;
      }
    },

    seal: (bytes, context) => new Uint8Array(encrypt(current, bytes, `payload/${context}`)),

    open(sealed, context) {
      // Payloads live for minutes, so no key id is stored with them: after a rotation one of the earlier keys fits.
      for (const key of keys.values()) {
        try {
          return new Uint8Array(decrypt(key, sealed, `payload/${context}`));
        } catch (error) {
          if (!(error instanceof SecretsKeyError)) throw error;
        }
      }
      throw new SecretsKeyError(
        'The payload was sealed with another key or for another purpose, or was changed since.',
      );
    },

    async close() {
      await pool.end();
    },
  };
}

function strings(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  if (value === null || typeof value !== 'object') return [];
  return Object.values(value).flatMap(strings);
}
