import { randomBytes } from 'node:crypto';
import { Pool } from 'pg';
import { v7 as uuid } from 'uuid';
import { z } from 'zod';
import { decrypt, encrypt, parseMasterKey, SecretsKeyError, toKeyId } from './cipher.ts';

export { SecretsKeyError } from './cipher.ts';

/** Redacting shorter strings would blank half of every text; credentials are longer. */
const minRedactedLength = 4;
const cacheMs = 10_000;

export type Secrets = {
  /** Stores a JSON object. @returns its reference, which is not secret */
  put(orgId: string, value: object): Promise<string>;
  /** @returns null if the organization has no secret with this reference. @throws SecretsKeyError */
  get(orgId: string, ref: string): Promise<Record<string, unknown> | null>;
  /** Does nothing if the secret is already gone. */
  destroy(orgId: string, ref: string): Promise<void>;
  /**
   * All strings of at least four characters in the organization's secrets, longest first, for redaction.
   * A secret that another process stored may be missing for ten seconds.
   */
  values(orgId: string): Promise<string[]>;
  /** Encrypts a short-lived payload that is stored elsewhere. Opening it needs the same `context`. */
  seal(bytes: Uint8Array, context: string): Uint8Array<ArrayBuffer>;
  /** @throws SecretsKeyError if the payload was sealed with another key or context, or was changed */
  open(sealed: Uint8Array, context: string): Uint8Array<ArrayBuffer>;
  close(): Promise<void>;
};

type Row = { ref: string; key_id: string; wrapped_key: Buffer; sealed: Buffer };

/**
 * The secrets store: database `armature_secrets`.
 * @param options.key master key: 32 bytes in base64 or hex
 * @param options.previousKeys earlier master keys; values encrypted with them stay readable
 * @throws SecretsKeyError if a key is not 32 bytes
 */
export function createSecrets(options: { url: string; key: string; previousKeys?: string[]; max?: number }): Secrets {
  const current = parseMasterKey(options.key);
  const currentId = toKeyId(current);
  const keys = new Map(
    [current, ...(options.previousKeys ?? []).map(parseMasterKey)].map((key) => [toKeyId(key), key]),
  );
  const pool = new Pool({ connectionString: options.url, max: options.max ?? 4, application_name: 'armature' });
  // The pool replaces a connection that breaks while idle; the next query reports what is wrong.
  pool.on('error', () => {});
  const cache = new Map<string, { until: number; values: Promise<string[]> }>();

  function unseal(orgId: string, row: Row): Record<string, unknown> {
    const key = keys.get(row.key_id);
    if (!key) {
      throw new SecretsKeyError(
        `The secret ${row.ref} was encrypted with key ${row.key_id}, but the configured key is ${currentId}. Set ARMATURE_SECRETS_KEY to the key that it was encrypted with.`,
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
    const values = new Set(rows.flatMap((row) => listStrings(unseal(orgId, row))));
    return [...values].filter((value) => value.length >= minRedactedLength).sort((a, b) => b.length - a.length);
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
      cache.set(orgId, { until: now + cacheMs, values });
      try {
        return [...(await values)];
      } catch (error) {
        cache.delete(orgId);
        throw error;
      }
    },

    seal: (bytes, context) => new Uint8Array(encrypt(current, bytes, `payload/${context}`)),

    open(sealed, context) {
      // Payloads live for minutes and carry no key id, so after a rotation an earlier key may be the right one.
      for (const key of keys.values()) {
        try {
          return new Uint8Array(decrypt(key, sealed, `payload/${context}`));
        } catch (error) {
          if (!(error instanceof SecretsKeyError)) throw error;
        }
      }
      throw new SecretsKeyError(
        'The payload was sealed with another key or for another context, or was changed since.',
      );
    },

    async close() {
      await pool.end();
    },
  };
}

function listStrings(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  if (value === null || typeof value !== 'object') return [];
  return Object.values(value).flatMap(listStrings);
}
