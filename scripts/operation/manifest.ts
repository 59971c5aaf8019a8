import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { readMigrations } from '../../prisma/engine.ts';
import { isMissing } from '../process.ts';

/** The form of a backup. Raised when an older version could misread a newer backup. */
const format = 1;
export const manifestName = 'manifest.json';
/** In the form of sha256sum, so that `sha256sum -c` can check a backup too. */
export const checksumsName = 'SHA256SUMS';

const name = z.string().regex(/^\w+$/);
const databases = ['armature', 'armature_secrets'] as const;
export type DatabaseName = (typeof databases)[number];

const manifestSchema = z.object({
  format: z.number(),
  createdAt: z.iso.datetime(),
  /** Version of Armature. */
  version: z.string(),
  postgresMajor: z.number(),
  /** Applied migrations of the main database in order, with the SHA-256 of their SQL. */
  migrations: z.array(z.object({ name: z.string(), sha256: z.string() })),
  secretsMigrations: z.array(z.string()),
  secrets: z.object({
    /** Fingerprints of the keys that the secrets are encrypted with. */
    keyIds: z.array(z.string()),
    /** Rows that could not be opened when the backup was made. */
    unreadable: z.number(),
  }),
  tables: z.array(z.object({ database: z.enum(databases), name, columns: z.array(z.string()), rows: z.number() })),
  sequences: z.array(z.object({ name, value: z.string() })),
  /** Days that have a partition of checks. */
  checkDays: z.array(z.iso.date()),
});
export type Manifest = z.output<typeof manifestSchema>;
export type TableEntry = Manifest['tables'][number];

export const toFile = ({ database, name: table }: Pick<TableEntry, 'database' | 'name'>): string =>
  `${database}.${table}.copy.gz`;

/** Version and migrations of this code. */
export async function describeCode(): Promise<
  Pick<Manifest, 'format' | 'version' | 'migrations' | 'secretsMigrations'>
> {
  const root = new URL('../../', import.meta.url);
  const { version } = z
    .object({ version: z.string() })
    .parse(JSON.parse(readFileSync(new URL('package.json', root), 'utf8')));
  const { migrationDirectories } = await readMigrations();
  return {
    format,
    version,
    migrations: migrationDirectories.map(({ path, migrationFile: { content } }) => ({
      name: path,
      sha256: toSha256(content.tag === 'ok' ? content.value : ''),
    })),
    secretsMigrations: (await readdir(new URL('prisma/secrets/', root))).filter((file) => file.endsWith('.sql')).sort(),
  };
}

/** Writes the manifest and the checksums of all files, which makes the folder a backup. */
export async function writeManifest(folder: string, manifest: Manifest, sums: Map<string, string>): Promise<void> {
  const text = `${JSON.stringify(manifest, null, 2)}\n`;
  const options = { mode: 0o600, flag: 'wx', flush: true };
  await writeFile(join(folder, manifestName), text, options);
  const lines = [...sums, [manifestName, toSha256(text)]].map(([file, sum]) => `${sum}  ${file}\n`);
  await writeFile(join(folder, checksumsName), lines.join(''), options);
}

/** @throws Error that says why a folder is no backup, or not one that this version can read */
export async function readManifest(folder: string): Promise<{ manifest: Manifest; sums: Map<string, string> }> {
  const read = (file: string) =>
    readFile(join(folder, file), 'utf8').catch((error: unknown) => {
      if (!isMissing(error)) throw error;
      throw new Error(`${folder} is not a backup: it has no ${file}. Name the folder that npm run backup has printed.`);
    });
  const text = await read(manifestName);
  const lines = (await read(checksumsName)).split('\n').filter(Boolean);
  const sums = new Map(lines.map((line) => [line.slice(66), line.slice(0, 64)]));
  if (sums.get(manifestName) !== toSha256(text)) throw damaged(folder, manifestName);
  const content: unknown = JSON.parse(text);
  const { format: written } = z.object({ format: z.number() }).parse(content);
  if (written > format)
    throw new Error(`The backup ${folder} was made by a newer version of Armature. Use that version or a later one.`);
  return { manifest: manifestSchema.parse(content), sums };
}

export const damaged = (folder: string, file: string): Error =>
  new Error(`${join(folder, file)} is damaged: its checksum differs. Copy the backup again, or use another one.`);

const toSha256 = (text: string) => createHash('sha256').update(text).digest('hex');
