/** `npm run migration -- <name>`: writes a migration with the changes of `prisma/schema.prisma`. */
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { withEngine } from '../prisma/engine.ts';
import { startPostgres } from './embedded/postgres.ts';

const folder = fileURLToPath(new URL('../prisma/migrations/', import.meta.url));
const usage =
  'Usage: npm run migration -- <name> [--empty]. The name may contain a–z, 0–9 and _, such as add_run_label.';

/** @returns the name of the folder, which begins with the time: migrations are applied in the order of their names. */
export function nameMigration(name: string, now: Date): string {
  if (!/^[a-z][a-z0-9_]*$/.test(name)) throw new Error(usage);
  return `${now.toISOString().replace(/\D/g, '').slice(0, 14)}_${name}`;
}

/** Compares schema and migrations in a temporary Postgres, so that it works during `npm start` and changes no data. */
async function readChanges(): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), 'armature-migration-'));
  // As root, Postgres runs as another user, who must be able to open the folder.
  await chmod(dir, 0o711);
  const postgres = await startPostgres({ dir, port: 0 });
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void postgres.stop());
  try {
    return await withEngine(postgres.url, (engine) => engine.changes());
  } finally {
    await postgres.stop();
    await rm(dir, { recursive: true, force: true });
  }
}

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({ options: { empty: { type: 'boolean' } }, allowPositionals: true });
  const path = join(folder, nameMigration(positionals[0] ?? '', new Date()));
  const sql = values.empty ? '-- Write the SQL here.\n' : await readChanges();
  if (!sql) {
    console.log('The migrations already match prisma/schema.prisma. Add --empty to write SQL that it cannot express.');
    return;
  }
  await mkdir(path);
  await writeFile(join(path, 'migration.sql'), sql);
  console.log(`Wrote ${join(path, 'migration.sql')}. Read it before you commit it.`);
}

if (import.meta.main) {
  try {
    await main();
  } catch (error) {
    console.error(error instanceof Error ? error.message : String(error));
    process.exitCode = 1;
  }
}
