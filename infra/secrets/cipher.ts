import { createCipheriv, createDecipheriv, createHash, randomBytes } from 'node:crypto';

const algorithm = 'aes-256-gcm';
const nonceBytes = 12;
const tagBytes = 16;

/** The master key is missing, malformed, or not the one that the value was encrypted with. */
export class SecretsKeyError extends Error {
  override name = 'SecretsKeyError';
}

/** @throws SecretsKeyError if `text` is not 32 bytes in hex or base64 */
export function parseMasterKey(text: string): Buffer {
  const trimmed = text.trim();
  const key = Buffer.from(trimmed, /^[0-9a-f]{64}$/i.test(trimmed) ? 'hex' : 'base64');
  if (key.length !== 32) {
    throw new SecretsKeyError(
      'ARMATURE_SECRETS_KEY has to be 32 bytes in base64 or hex. Create one with: openssl rand -base64 32',
    );
  }
  return key;
}

/** A short public name for a key, stored beside the values it encrypted. */
export function toKeyId(key: Buffer): string {
  return createHash('sha256').update('armature key id').update(key).digest('hex').slice(0, 16);
}

/** @returns nonce, tag and ciphertext in one buffer. `context` is authenticated but not stored. */
export function encrypt(key: Uint8Array, plain: Uint8Array, context: string): Buffer {
  const nonce = randomBytes(nonceBytes);
  const cipher = createCipheriv(algorithm, key, nonce, { authTagLength: tagBytes });
  cipher.setAAD(Buffer.from(context));
  const body = Buffer.concat([cipher.update(plain), cipher.final()]);
  return Buffer.concat([nonce, cipher.getAuthTag(), body]);
}

/** @throws SecretsKeyError if the key or context differs, or the bytes were changed */
export function decrypt(key: Uint8Array, sealed: Uint8Array, context: string): Buffer {
  try {
    const decipher = createDecipheriv(algorithm, key, sealed.subarray(0, nonceBytes), { authTagLength: tagBytes });
    decipher.setAAD(Buffer.from(context));
    decipher.setAuthTag(sealed.subarray(nonceBytes, nonceBytes + tagBytes));
    return Buffer.concat([decipher.update(sealed.subarray(nonceBytes + tagBytes)), decipher.final()]);
  } catch (cause) {
    throw new SecretsKeyError(
      'Decryption failed: the value was encrypted with another key or for another context, or was changed since.',
      { cause },
    );
  }
}
