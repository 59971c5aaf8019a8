import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Client } from 'pg';
import { z } from 'zod';
import { readConfig } from '../../infra/config/index.ts';
import { createLogger } from '../../infra/logger/index.ts';
import { createDeps } from '../../services/context/deps.ts';
import { createOrganizationIn } from '../../services/organization/create-in.ts';
import { findHome, openDatabases, requireKeys } from '../operation/installation.ts';
import { readKeys } from '../start/keys.ts';
import { fillDemo } from './fill.ts';

const slug = 'northwind';
const { env } = process;

try {
  await main();
} catch (error) {
  console.error(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
}

/** Adds the workspace Northwind to the installation of `npm start`, which has to run. Others are left as they are. */
async function main(): Promise<void> {
  const home = findHome(env);
  const databases = await openDatabases(env);
  if (databases.isStarted) {
    await databases.close();
    throw new Error('Armature is not running. Start it with npm start, then run npm run demo in another terminal.');
  }
  const { url, email } = z
    .object({ url: z.string(), email: z.string() })
    .parse(JSON.parse(readFileSync(join(home, 'credentials.json'), 'utf8')));
  const config = readConfig({
    ARMATURE_ALLOWED_TARGETS: '127.0.0.0/8, ::1/128, localhost=127.0.0.0/8, localhost=::1/128',
    TEMPORAL_ADDRESS: `127.0.0.1:${env.ARMATURE_TEMPORAL_PORT ?? '7233'}`,
    ...env,
    DATABASE_URL: databases.url,
    SECRETS_DATABASE_URL: databases.secretsUrl,
    ARMATURE_SECRETS_KEY: requireKeys(env).key,
    ARMATURE_AUTH_SECRET: env.ARMATURE_AUTH_SECRET ?? readKeys(home)?.authSecret,
    ARMATURE_URL: url,
  });
  const { close, ...deps } = createDeps(config, createLogger({ level: 'warn', process: 'demo' }));
  const owner = new Client({ connectionString: databases.url });
  await owner.connect();
  try {
    const existing = await deps.db.organization.findUnique({ where: { slug } });
    if (existing) {
      console.log(`The workspace is there already: ${url}/o/${slug}. Delete it in its settings to fill it again.`);
      return;
    }
    const user = await deps.db.user.findUniqueOrThrow({ where: { email } });
    const { orgId } = await deps.db.$transaction((tx) =>
      createOrganizationIn(tx, { name: 'Northwind', slug, ownerId: user.id }),
    );
    const origin = `http://127.0.0.1:${env.ARMATURE_EXAMPLE_PORT ?? '3900'}`;
    await fillDemo({
      ctx: { deps, actor: { kind: 'member', id: user.id, orgId, role: 'owner' }, requestId: 'demo' },
      owner,
      shop: { url: `${origin}/mcp`, controlUrl: `${origin}/control` },
    });
    console.log(`The workspace is ready: ${url}/o/${slug}`);
  } finally {
    await owner.end();
    await close();
    await databases.close();
  }
}
