import { randomBytes } from 'node:crypto';
import { inject } from 'vitest';
import type { MigrateOptions } from '../../../prisma/migrate.ts';
import { asSuperuser, databaseUrl } from './database.ts';

const undo: string[] = [];

/** Names of an empty database, a secrets database and roles, all unique; only the first exists yet. */
export async function blankDatabases(): Promise<MigrateOptions> {
  const id = randomBytes(6).toString('hex');
  await asSuperuser(async (query) => {
    await query(`CREATE DATABASE blank_${id} TEMPLATE template0`);
  });
  const url = databaseUrl(inject('postgres').url, `blank_${id}`);
  const secrets = new URL(databaseUrl(url, `blank_${id}_secrets`));
  secrets.username = `blank_${id}_keeper`;
  secrets.password = 'the first';
  undo.push(
    ...[`keeper`, `app`].map((role) => `DROP ROLE IF EXISTS blank_${id}_${role}`),
    ...['', '_secrets', '_restoring', '_before_restore'].map(
      (end) => `DROP DATABASE IF EXISTS blank_${id}${end} WITH (FORCE)`,
    ),
  );
  return { databaseUrl: url, appRole: { name: `blank_${id}_app`, password: 'the first' }, secretsUrl: secrets.href };
}

/** Drops those that were made since the last call, with their roles. @param more statements afterwards */
export const dropBlankDatabases = (...more: string[]): Promise<void> =>
  asSuperuser(async (query) => {
    for (const sql of [...undo.splice(0).reverse(), ...more]) await query(sql);
  });
