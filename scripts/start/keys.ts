import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';

const keys = z.object({ secretsKey: z.string(), authSecret: z.string(), databasePassword: z.string() });
type Keys = z.infer<typeof keys>;

/** Reads the keys of the data directory. @returns null before the first start */
export function readKeys(home: string): Keys | null {
  const file = join(home, 'keys.json');
  return existsSync(file) ? keys.parse(JSON.parse(readFileSync(file, 'utf8'))) : null;
}

/**
 * Reads the keys of the data directory, or creates them at the first start. Without them, credentials are lost.
 * @param secretsKey is kept instead of a new one
 */
export function keepKeys(home: string, secretsKey?: string): Keys {
  const kept = readKeys(home);
  if (kept) return kept;
  const created = {
    secretsKey: secretsKey || randomBytes(32).toString('base64'),
    authSecret: randomBytes(32).toString('base64'),
    databasePassword: randomBytes(24).toString('base64url'),
  };
  writeFileSync(join(home, 'keys.json'), `${JSON.stringify(created, null, 2)}\n`, { mode: 0o600, flag: 'wx' });
  return created;
}
