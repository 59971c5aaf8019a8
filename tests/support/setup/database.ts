import { randomBytes } from 'node:crypto';
import { Client } from 'pg';
import { inject } from 'vitest';
import { createDb, type Db } from '../../../infra/db/index.ts';
import { createSecrets, type Secrets } from '../../../infra/secrets/index.ts';

export type FreshDatabase = {
  /** As the role that the processes use, which owns nothing. */
  url: string;
  /** As the owner of the tables, whom no guard holds. */
  ownerUrl: string;
  secretsUrl: string;
  /** Master key that `secrets` works with, in base64. */
  secretsKey: string;
  db: Db;
  secrets: Secrets;
  /** Ends `db` and `secrets` and drops both databases, whoever is still connected. */
  drop(): Promise<void>;
};

/** Two empty, migrated databases, cloned from those of the run. */
export async function freshDatabase(): Promise<FreshDatabase> {
  const { url: templateUrl, secretsUrl: secretsTemplateUrl, appRole } = inject('postgres');
  const id = randomBytes(6).toString('hex');
  const name = `test_${id}`;
  const secretsName = `test_${id}_secrets`;
  const secretsOwner = new URL(secretsTemplateUrl).username;

  await asSuperuser(async (query) => {
    await query(`CREATE DATABASE ${name} TEMPLATE armature`);
    await query(`REVOKE ALL ON DATABASE ${name} FROM PUBLIC`);
    await query(`GRANT CONNECT ON DATABASE ${name} TO ${appRole.name}`);
    await query(`CREATE DATABASE ${secretsName} TEMPLATE armature_secrets OWNER ${secretsOwner}`);
    await query(`REVOKE ALL ON DATABASE ${secretsName} FROM PUBLIC`);
  });

  const ownerUrl = databaseUrl(templateUrl, name);
  const appUrl = new URL(ownerUrl);
  appUrl.username = appRole.name;
  appUrl.password = appRole.password;
  const url = appUrl.href;
  const secretsUrl = databaseUrl(secretsTemplateUrl, secretsName);
  const secretsKey = randomBytes(32).toString('base64');
  const db = createDb({ url });
  const secrets = createSecrets({ url: secretsUrl, key: secretsKey });
  return {
    url,
    ownerUrl,
    secretsUrl,
    secretsKey,
    db,
    secrets,
    async drop() {
      await Promise.all([db.close(), secrets.close()]);
      await asSuperuser(async (query) => {
        await query(`DROP DATABASE ${name} WITH (FORCE)`);
        await query(`DROP DATABASE ${secretsName} WITH (FORCE)`);
      });
    },
  };
}

/** Runs statements as superuser in the database `postgres`, outside of any database that is cloned or dropped. */
export async function asSuperuser(work: (query: (sql: string) => Promise<unknown>) => Promise<void>): Promise<void> {
  const client = new Client({ connectionString: databaseUrl(inject('postgres').url, 'postgres') });
  await client.connect();
  try {
    await work((sql) => client.query(sql));
  } finally {
    await client.end();
  }
}

/** The same address with another database. */
export function databaseUrl(base: string, database: string): string {
  const url = new URL(base);
  url.pathname = `/${database}`;
  return url.href;
}
