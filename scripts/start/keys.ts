import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';

const keys = z.object({ secretsKey: z.string(), authSecret: z.string(), databasePassword: z.string() });

/** Reads the keys of the data directory, or creates them at the first start. Without them, credentials are lost. */
export function keepKeys(home: string): z.infer<typeof keys> {
  const file = join(home, 'keys.json');
  if (existsSync(file)) return keys.parse(JSON.parse(readFileSync(file, 'utf8')));
  const created = {
    secretsKey: randomBytes(32).toString('base64'),
    authSecret: randomBytes(32).toString('base64'),
    databasePassword: randomBytes(24).toString('base64url'),
  };
  writeFileSync(file, `${JSON.stringify(created, null, 2)}\n`, { mode: 0o600, flag: 'wx' });
  return created;
}
