import { Pool } from 'pg';
import { v7 as uuid } from 'uuid';
import { SecretsKeyError } from './cipher.ts';
import { createKeyring, type SecretRow } from './keyring.ts';

export { SecretsKeyError } from './cipher.ts';
export { createKeyring, type Keyring, type SecretRow } from './keyring.ts';

export type Secrets = {
  /** Stores a JSON object. @returns its reference, which is not secret */
  put(orgId: string, value: object): Promise<string>;
  /** @returns null if the organization has no secret with this reference. @throws SecretsKeyError */
  get(orgId: string, ref: string): Promise<Record<string, unknown> | null>;
  /** As `get`, with how often it was replaced. */
  getVersioned(orgId: string, ref: string): Promise<{ generation: number; value: Record<string, unknown> } | null>;
  /**
   * Replaces a secret, if nobody else has replaced it since that generation. One statement: after it, the new value is
   * stored for good. @returns false if somebody has, or if the secret is gone
   */
  replace(orgId: string, ref: string, secret: { generation: number; value: object }): Promise<boolean>;
  /** Does nothing if the secret is already gone. */
  destroy(orgId: string, ref: string): Promise<void>;
  /** Destroys all secrets of an organization. */
  destroyAll(orgId: string): Promise<void>;
  /** As `get`, for many. Leaves out those that are missing or can't be opened. */
  getReadable(orgId: string, refs: readonly string[]): Promise<Map<string, Record<string, unknown>>>;
  /** Secrets of all organizations that can't be opened: encrypted with an unknown key, or damaged. */
  listUnreadable(): Promise<{ orgId: string; ref: string }[]>;
  /**
   * Encrypts the data keys of all secrets with the current key, a few hundred at a time, beside processes that use
   * them. Leaves those that can't be opened. @returns how many it changed
   */
  rotate(): Promise<number>;
  /** Encrypts a short-lived payload that is stored elsewhere. Opening it needs the same `context`. */
  seal(bytes: Uint8Array, context: string): Uint8Array<ArrayBuffer>;
  /** @throws SecretsKeyError if the payload was sealed with another key or context, or was changed */
  open(sealed: Uint8Array, context: string): Uint8Array<ArrayBuffer>;
  close(): Promise<void>;
};

const rotatePage = 200;
const firstOrgId = '00000000-0000-0000-0000-000000000000';

/**
 * The secrets store: database `armature_secrets`.
 * @param options.key master key: 32 bytes in base64 or hex
 * @param options.previousKeys earlier master keys; values encrypted with them stay readable
 * @throws SecretsKeyError if a key is not 32 bytes
 */
export function createSecrets(options: { url: string; key: string; previousKeys?: string[]; max?: number }): Secrets {
  const keyring = createKeyring(options);
  const pool = new Pool({ connectionString: options.url, max: options.max ?? 4, application_name: 'armature' });
  // The pool replaces a connection that breaks while idle; the next query reports what is wrong.
  pool.on('error', () => {});

  /** Digests of rows that could be opened: they needn't be opened again to know it. */
  let opened = new Map<string, string>();

  async function getReadable(orgId: string, refs: readonly string[]): Promise<Map<string, Record<string, unknown>>> {
    const readable = new Map<string, Record<string, unknown>>();
    if (refs.length === 0) return readable;
    const { rows } = await pool.query<SecretRow>(
      'SELECT org_id, ref, key_id, wrapped_key, sealed FROM secret WHERE org_id = $1 AND ref = ANY ($2)',
      [orgId, refs],
    );
    for (const row of rows)
      try {
        readable.set(row.ref, keyring.decryptValue(row));
      } catch (error) {
        if (!(error instanceof SecretsKeyError)) throw error;
      }
    return readable;
  }

  return {
    async put(orgId, value) {
      const ref = uuid();
      const row = keyring.encryptValue({ orgId, ref }, value);
      await pool.query('INSERT INTO secret (org_id, ref, key_id, wrapped_key, sealed) VALUES ($1, $2, $3, $4, $5)', [
        orgId,
        ref,
        row.key_id,
        row.wrapped_key,
        row.sealed,
      ]);
      return ref;
    },

    async get(orgId, ref) {
      const { rows } = await pool.query<SecretRow>(
        'SELECT org_id, ref, key_id, wrapped_key, sealed FROM secret WHERE org_id = $1 AND ref = $2',
        [orgId, ref],
      );
      const row = rows[0];
      return row ? keyring.decryptValue(row) : null;
    },

    async getVersioned(orgId, ref) {
      const { rows } = await pool.query<SecretRow & { generation: number }>(
        'SELECT org_id, ref, key_id, wrapped_key, sealed, generation FROM secret WHERE org_id = $1 AND ref = $2',
        [orgId, ref],
      );
      const row = rows[0];
      return row ? { generation: row.generation, value: keyring.decryptValue(row) } : null;
    },

    async replace(orgId, ref, { generation, value }) {
      const row = keyring.encryptValue({ orgId, ref }, value);
      const { rowCount } = await pool.query(
        `UPDATE secret SET key_id = $3, wrapped_key = $4, sealed = $5, generation = generation + 1
         WHERE org_id = $1 AND ref = $2 AND generation = $6`,
        [orgId, ref, row.key_id, row.wrapped_key, row.sealed, generation],
      );
      return rowCount === 1;
    },

    async destroy(orgId, ref) {
      await pool.query('DELETE FROM secret WHERE org_id = $1 AND ref = $2', [orgId, ref]);
    },

    async destroyAll(orgId) {
      await pool.query('DELETE FROM secret WHERE org_id = $1', [orgId]);
    },

    getReadable,

    async listUnreadable() {
      const { rows } = await pool.query<{ org_id: string; ref: string; digest: string }>(
        `SELECT org_id, ref, md5(key_id || encode(wrapped_key, 'hex') || encode(sealed, 'hex')) AS digest FROM secret`,
      );
      const isKnown = ({ ref, digest }: { ref: string; digest: string }) => opened.get(ref) === digest;
      const unknown = rows.filter((row) => !isKnown(row));
      opened = new Map(rows.filter(isKnown).map(({ ref, digest }) => [ref, digest]));
      const unreadable: { orgId: string; ref: string }[] = [];
      for (const [orgId, ofOrg] of Map.groupBy(unknown, (row) => row.org_id)) {
        const readable = await getReadable(
          orgId,
          ofOrg.map(({ ref }) => ref),
        );
        for (const { ref, digest } of ofOrg)
          if (readable.has(ref)) opened.set(ref, digest);
          else unreadable.push({ orgId, ref });
      }
      return unreadable;
    },

    async rotate() {
      let changed = 0;
      for (let after: { org_id: string; ref: string } | undefined; ; ) {
        const { rows } = await pool.query<SecretRow>(
          `SELECT org_id, ref, key_id, wrapped_key, sealed FROM secret
           WHERE key_id <> $1 AND (org_id, ref) > ($2::uuid, $3) ORDER BY org_id, ref LIMIT $4`,
          [keyring.currentId, after?.org_id ?? firstOrgId, after?.ref ?? '', rotatePage],
        );
        const pairs: { before: SecretRow; now: SecretRow }[] = [];
        for (const before of rows)
          try {
            pairs.push({ before, now: keyring.rewrap(before) });
          } catch (error) {
            if (!(error instanceof SecretsKeyError)) throw error;
          }
        // A row that another rotation has changed meanwhile is left as that wrote it.
        const { rowCount } = await pool.query(
          `UPDATE secret s SET key_id = $1, wrapped_key = n.wrapped_key
           FROM unnest($2::uuid[], $3::text[], $4::bytea[], $5::bytea[]) AS n (org_id, ref, before, wrapped_key)
           WHERE s.org_id = n.org_id AND s.ref = n.ref AND s.wrapped_key = n.before`,
          [
            keyring.currentId,
            pairs.map(({ now }) => now.org_id),
            pairs.map(({ now }) => now.ref),
            pairs.map(({ before }) => before.wrapped_key),
            pairs.map(({ now }) => now.wrapped_key),
          ],
        );
        changed += rowCount ?? 0;
        after = rows.at(-1);
        if (!after || rows.length < rotatePage) return changed;
      }
    },

    seal: (bytes, context) => new Uint8Array(keyring.encryptPayload(bytes, context)),
    // Payloads live for minutes and carry no key id, so after a rotation an earlier key may be the right one.
    open: (sealed, context) => new Uint8Array(keyring.decryptPayload(sealed, context)),

    async close() {
      await pool.end();
    },
  };
}
