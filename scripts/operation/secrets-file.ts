import { createReadStream } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { createGunzip } from 'node:zlib';
import { z } from 'zod';
import { type Keyring, type SecretRow, SecretsKeyError } from '../../infra/secrets/index.ts';
import { parseLine } from './copy.ts';
import { type Manifest, toFile } from './manifest.ts';

const bytes = z
  .string()
  .startsWith('\\x')
  .transform((text) => Buffer.from(text.slice(2), 'hex'));
const values = z
  .tuple([z.string(), z.string(), z.string(), bytes, bytes], z.unknown())
  .transform(([org_id, ref, key_id, wrapped_key, sealed]): SecretRow => ({ org_id, ref, key_id, wrapped_key, sealed }));

/** Opens every secret of a backup. @returns which keys they were encrypted with, and how many can't be opened */
export async function readSecrets(folder: string, keyring: Keyring | null): Promise<Manifest['secrets']> {
  const file = createReadStream(join(folder, toFile({ database: 'armature_secrets', name: 'secret' })));
  const text = file.pipe(createGunzip());
  file.on('error', (error) => text.destroy(error));
  const keyIds = new Set<string>();
  let unreadable = 0;
  for await (const line of createInterface({ input: text, crlfDelay: Number.POSITIVE_INFINITY })) {
    const row = values.parse(parseLine(line));
    keyIds.add(row.key_id);
    if (!keyring || !canOpen(keyring, row)) unreadable += 1;
  }
  return { keyIds: [...keyIds].sort(), unreadable };
}

function canOpen(keyring: Keyring, row: SecretRow): boolean {
  try {
    keyring.decryptValue(row);
    return true;
  } catch (error) {
    if (error instanceof SecretsKeyError) return false;
    throw error;
  }
}
