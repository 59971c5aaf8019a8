import { describe, expect, it } from 'vitest';
import { matchesHash, newApiKey } from './secret.ts';

describe('an API key', () => {
  it('reads amt_<key-id>_<secret> and its hash holds nothing of the secret', async () => {
    const { id, key, hash } = await newApiKey();
    const secret = key.slice(`amt_${id}_`.length);
    expect(key.startsWith(`amt_${id}_`)).toBe(true);
    expect(secret.length).toBeGreaterThanOrEqual(43);
    expect(hash).not.toContain(secret);
  });

  it('is recognized by its own secret alone', async () => {
    const { id, key, hash } = await newApiKey();
    const secret = key.slice(`amt_${id}_`.length);
    expect(await matchesHash(secret, hash)).toBe(true);
    expect(await matchesHash(`${secret.slice(0, -1)}!`, hash)).toBe(false);
    expect(await matchesHash(secret, 'scrypt$$')).toBe(false);
  });
});
