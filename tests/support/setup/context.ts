import { randomBytes } from 'node:crypto';
import type { Role } from '../../../domain/role/role.ts';
import { readConfig } from '../../../infra/config/index.ts';
import { createLogger } from '../../../infra/logger/index.ts';
import type { Context, Deps } from '../../../services/context/context.ts';
import { createDeps } from '../../../services/context/deps.ts';
import { newId } from '../../../services/context/ids.ts';
import { type FreshDatabase, freshDatabase } from './database.ts';
import { freshInstallation, testTemporal } from './temporal.ts';

export type TestDepsOptions = Partial<Deps> & {
  /** Environment variables of the configuration, over those of the tests. */
  env?: Record<string, string>;
};

export type TestDeps = {
  deps: Deps;
  database: FreshDatabase;
  /** The environment that `deps.config` was read from, for processes of Armature that a test starts. */
  env: Record<string, string>;
  close(): Promise<void>;
};

/**
 * Everything use cases need, real: its own databases, the shared Temporal server under its own prefix,
 * targets on loopback allowed. Options override the defaults.
 */
export async function testDeps({ env: variables, ...overrides }: TestDepsOptions = {}): Promise<TestDeps> {
  const database = await freshDatabase();
  const { address, namespace } = testTemporal();
  const env: Record<string, string> = {
    DATABASE_URL: database.url,
    SECRETS_DATABASE_URL: database.secretsUrl,
    ARMATURE_SECRETS_KEY: database.secretsKey,
    ARMATURE_AUTH_SECRET: randomBytes(32).toString('base64'),
    TEMPORAL_ADDRESS: address,
    TEMPORAL_NAMESPACE: namespace,
    ARMATURE_INSTALLATION: freshInstallation(),
    ARMATURE_ALLOWED_TARGETS: '127.0.0.0/8, ::1/128, localhost=127.0.0.0/8, localhost=::1/128',
    ARMATURE_LOG_LEVEL: 'silent',
    PORT: '0',
    ...variables,
  };
  const config = overrides.config ?? readConfig({ NODE_ENV: 'test', ...env });
  const log = overrides.log ?? createLogger({ level: config.logLevel, process: 'test' });
  const { db, secrets } = database;
  const { close, ...deps } = createDeps(config, log, { db, secrets, ...overrides });
  return {
    deps,
    database,
    env,
    async close() {
      await close();
      await database.drop();
    },
  };
}

export type TestOrg = {
  orgId: string;
  /** Of the member behind `ctx`. */
  userId: string;
  ctx: Context;
  /** The same organization as its member with that role. */
  as(role: Role): Context;
  /** The same organization as Armature itself. */
  asSystem(): Context;
};

/**
 * An organization with one member for each role, written directly.
 * @param role of the member behind `ctx`.
 * @default owner
 */
export async function testOrg(deps: Deps, { role = 'owner' }: { role?: Role } = {}): Promise<TestOrg> {
  const orgId = newId();
  const now = new Date();
  await deps.db.organization.create({ data: { id: orgId, slug: `org-${orgId}`, name: `Organization ${orgId}` } });
  const members: Record<Role, string> = { viewer: newId(), editor: newId(), admin: newId(), owner: newId() };
  for (const name of ['viewer', 'editor', 'admin', 'owner'] as const) {
    const id = members[name];
    await deps.db.user.create({
      data: { id, name: `The ${name}`, email: `${name}-${id}@example.com`, emailVerified: true, updatedAt: now },
    });
    await deps.db.member.create({ data: { orgId, userId: id, role: name } });
  }
  const as = (of: Role): Context => ({
    deps,
    actor: { kind: 'member', id: members[of], orgId, role: of },
    requestId: newId(),
  });
  return {
    orgId,
    userId: members[role],
    ctx: as(role),
    as,
    asSystem: () => ({ deps, actor: { kind: 'system', id: 'test', orgId }, requestId: newId() }),
  };
}
