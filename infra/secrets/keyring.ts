import { randomBytes } from 'node:crypto';
import { z } from 'zod';
import { decrypt, encrypt, parseMasterKey, SecretsKeyError, toKeyId } from './cipher.ts';

/** A row of the table `secret`: the value encrypted with a data key, and that encrypted with a master key. */
export type SecretRow = { org_id: string; ref: string; key_id: string; wrapped_key: Buffer; sealed: Buffer };
type Place = { orgId: string; ref: string };

/** The master keys of an installation. */
export type Keyring = {
  /** Public name of the key that encrypts. */
  currentId: string;
  /** Public names of all keys, the current one first. */
  ids: string[];
  encryptValue(place: Place, value: object): SecretRow;
  /** @throws SecretsKeyError if the row's key is unknown, or the row was damaged or belongs to another place */
  decryptValue(row: SecretRow): Record<string, unknown>;
  /** Encrypts the row's data key with the current key. @throws SecretsKeyError as `decryptValue` */
  rewrap(row: SecretRow): SecretRow;
  /** Encrypts bytes that are stored without the id of their key. */
  encryptPayload(bytes: Uint8Array, context: string): Buffer;
  /** Tries all keys. @throws SecretsKeyError */
  decryptPayload(sealed: Uint8Array, context: string): Buffer;
};

/**
 * @param options.key master key: 32 bytes in base64 or hex
 * @param options.previousKeys earlier master keys, which only decrypt
 * @throws SecretsKeyError if a key is not 32 bytes
 */
export function createKeyring(options: { key: string; previousKeys?: string[] }): Keyring {
  const current = parseMasterKey(options.key);
  const currentId = toKeyId(current);
  const keys = new Map(
    [current, ...(options.previousKeys ?? []).map(parseMasterKey)].map((key) => [toKeyId(key), key]),
  );
  const toContext = ({ orgId, ref }: Place) => `${orgId}/${ref}`;

  function decryptDataKey(row: SecretRow): Buffer {
    const key = keys.get(row.key_id);
    if (!key)
      throw new SecretsKeyError(
        `The secret ${row.ref} was encrypted with key ${row.key_id}, but the configured key is ${currentId}. Set ARMATURE_SECRETS_KEY to the key that it was encrypted with, or add that to ARMATURE_SECRETS_PREVIOUS_KEYS.`,
      );
    return decrypt(key, row.wrapped_key, `key/${toContext({ orgId: row.org_id, ref: row.ref })}`);
  }

  return {
    currentId,
    ids: [...keys.keys()],

    encryptValue({ orgId, ref }, value) {
      const context = toContext({ orgId, ref });
      const dataKey = randomBytes(32);
      return {
        org_id: orgId,
        ref,
        key_id: currentId,
        wrapped_key: encrypt(current, dataKey, `key/${context}`),
        sealed: encrypt(dataKey, Buffer.from(JSON.stringify(value)), `value/${context}`),
      };
    },

    decryptValue(row) {
      const context = toContext({ orgId: row.org_id, ref: row.ref });
      const text = decrypt(decryptDataKey(row), row.sealed, `value/${context}`).toString('utf8');
      return z.record(z.string(), z.unknown()).parse(JSON.parse(text));
    },

    rewrap(row) {
      const context = toContext({ orgId: row.org_id, ref: row.ref });
      return { ...row, key_id: currentId, wrapped_key: encrypt(current, decryptDataKey(row), `key/${context}`) };
    },

    encryptPayload: (bytes, context) => encrypt(current, bytes, `payload/${context}`),

    decryptPayload(sealed, context) {
      for (const key of keys.values()) {
        try {
          return decrypt(key, sealed, `payload/${context}`);
        } catch (error) {
          if (!(error instanceof SecretsKeyError)) throw error;
        }
      }
      throw new SecretsKeyError(
        'The payload was sealed with another key or for another context, or was changed since.',
      );
    },
  };
}
