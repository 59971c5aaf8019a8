/** `npm run verify -- <folder>` (docs/operating.md, "Backups"). */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { join, resolve } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { createKeyring, type Keyring } from '../../infra/secrets/index.ts';
import { isMissing } from '../process.ts';
import { findKeys } from './installation.ts';
import { damaged, describeCode, type Manifest, readManifest, type TableEntry, toFile } from './manifest.ts';
import { runCommand, say } from './run.ts';
import { readSecrets } from './secrets-file.ts';

const newline = 0x0a;

/**
 * Reads a whole backup. Changes nothing.
 * @param keyring null when no key is known
 * @throws Error with the first reason why it can't be restored
 */
export async function verifyBackup(folder: string, keyring: Keyring | null): Promise<Manifest> {
  const { manifest, sums } = await readManifest(folder);
  await checkVersion(folder, manifest);
  for (const table of manifest.tables) await checkFile(folder, table, sums.get(toFile(table)));
  const { keyIds, unreadable } = await readSecrets(folder, keyring);
  const missing = keyIds.filter((id) => !keyring?.ids.includes(id));
  // What could not be opened when the backup was made can't be opened now either.
  if (unreadable > manifest.secrets.unreadable)
    throw new Error(
      `${unreadable} of the backup's secrets can't be opened: they were encrypted with the key ${keyIds.join(', ')}, and ${
        keyring ? `the configured one is ${keyring.ids.join(', ')}` : 'no key is configured'
      }. ${
        missing.length > 0
          ? 'Set ARMATURE_SECRETS_KEY to the key of the installation that was backed up (with npm start, it is secretsKey in keys.json), or add it to ARMATURE_SECRETS_PREVIOUS_KEYS.'
          : 'They are damaged. Use another backup.'
      }`,
    );
  return manifest;
}

/** @throws when the schema is newer than this code's, or another one of the same name */
async function checkVersion(folder: string, manifest: Manifest): Promise<void> {
  const code = await describeCode();
  const known = new Map(code.migrations.map(({ name, sha256 }) => [name, sha256]));
  const isNewer =
    manifest.migrations.some(({ name }) => !known.has(name)) ||
    manifest.secretsMigrations.some((name) => !code.secretsMigrations.includes(name));
  if (isNewer)
    throw new Error(
      `The backup ${folder} was made by a newer version of Armature (${manifest.version}; this is ${code.version}). Use that version or a later one.`,
    );
  const changed = manifest.migrations.find(({ name, sha256 }) => known.get(name) !== sha256);
  if (changed)
    throw new Error(
      `The migration ${changed.name} of the backup ${folder} is another one than that of this version. Use the version that made the backup (${manifest.version}).`,
    );
}

async function checkFile(folder: string, table: TableEntry, sum: string | undefined): Promise<void> {
  const file = toFile(table);
  const hash = createHash('sha256');
  let rows = 0;
  try {
    await pipeline(
      createReadStream(join(folder, file)),
      async function* (chunks: AsyncIterable<Buffer>) {
        for await (const chunk of chunks) {
          hash.update(chunk);
          yield chunk;
        }
      },
      createGunzip(),
      async (chunks: AsyncIterable<Buffer>) => {
        // A line break within a value is written as \n, so each line is a row.
        for await (const chunk of chunks)
          for (let at = chunk.indexOf(newline); at !== -1; at = chunk.indexOf(newline, at + 1)) rows += 1;
      },
    );
  } catch (error) {
    if (isMissing(error))
      throw new Error(`${join(folder, file)} is missing. Copy the backup again, or use another one.`);
    if (error instanceof Error && 'code' in error && String(error.code).startsWith('Z_')) throw damaged(folder, file);
    throw error;
  }
  if (hash.digest('hex') !== sum) throw damaged(folder, file);
  if (rows !== table.rows)
    throw new Error(`${join(folder, file)} has ${rows} rows instead of ${table.rows}. Use another backup.`);
}

async function main(args: string[], env: NodeJS.ProcessEnv): Promise<void> {
  const [folder] = args;
  if (folder === undefined || args.length > 1) throw new Error('Usage: npm run verify -- <folder of the backup>');
  const keys = findKeys(env);
  const manifest = await verifyBackup(resolve(folder), keys && createKeyring(keys));
  const { tables, secrets, createdAt, version, postgresMajor, migrations } = manifest;
  const count = (database: string) =>
    tables.filter((table) => table.database === database).reduce((sum, { rows }) => sum + rows, 0);
  say(`${resolve(folder)} can be restored.`);
  say(`  made      ${createdAt} by Armature ${version} on Postgres ${postgresMajor}`);
  say(`  schema    ${migrations.at(-1)?.name ?? 'none'}`);
  say(`  rows      ${count('armature')} in ${tables.length - 1} tables, and ${count('armature_secrets')} secrets`);
  say(`  key       ${secrets.keyIds.join(', ') || 'none needed'}`);
  if (secrets.unreadable > 0)
    say(`  warning   ${secrets.unreadable} secrets could not be opened when it was made, and can't be now`);
}

if (import.meta.main) await runCommand(main);
