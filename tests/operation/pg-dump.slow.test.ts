import { execFile } from 'node:child_process';
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createSecrets } from '../../infra/secrets/index.ts';
import { migrate } from '../../prisma/migrate.ts';
import { type Postgres, startPostgres } from '../../scripts/embedded/postgres.ts';
import { withClient } from '../../scripts/operation/copy.ts';
import { newId } from '../../services/context/ids.ts';
import { canRunPython, pythonEnvironment } from '../real/environment.ts';

// The package has the tools for these platforms.
const hasTools =
  ['linux-x64', 'darwin-arm64'].includes(`${process.platform}-${process.arch}`) && (await canRunPython());
const key = Buffer.alloc(32, 3).toString('base64');
const run = promisify(execFile);

let root: string;
let servers: Postgres[];
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'armature-pg-dump-'));
  await chmod(root, 0o711);
  servers = [];
});
afterEach(async () => {
  for (const server of servers) await server.stop();
  await rm(root, { recursive: true, force: true });
});

/** The commands of docs/operating.md, "With pg_dump": for the backup, and for the restore. */
async function readCommands(): Promise<string[]> {
  const page = await readFile('docs/operating.md', 'utf8');
  const section = page.slice(page.indexOf('### With pg_dump'));
  return [...section.matchAll(/```sh\n(.*?)```/gs)].slice(0, 2).map((match) => match[1] ?? '');
}

async function startServer(name: string): Promise<Postgres> {
  const server = await startPostgres({ dir: join(root, name), port: 0 });
  servers.push(server);
  return server;
}

const appUrl = ({ url }: Postgres) => {
  const app = new URL(url);
  app.username = 'armature_app';
  app.password = 'of-this-test-alone';
  return app;
};

/** A `docker` that runs the tools of Postgres and the migration here; api, worker and doctor don't run. */
async function writeDocker(server: Postgres): Promise<string> {
  const python = await pythonEnvironment('postgres-tools');
  const { stdout } = await run(python, [
    '-c',
    'import importlib.util as u; print(u.find_spec("pgserver").submodule_search_locations[0])',
  ]);
  const folder = join(root, `bin-${server.port}`);
  const { password } = new URL(server.url);
  await mkdir(folder);
  const script = `#!/usr/bin/env bash
set -e
case "$*" in
  'compose exec -T postgres '*)
    shift 4
    export PATH='${join(stdout.trim(), 'pginstall/bin')}':"$PATH" PGHOST=127.0.0.1 PGPORT=${server.port} PGPASSWORD='${decodeURIComponent(password)}'
    exec "$@" ;;
  'compose run --rm migrate')
    export ARMATURE_MIGRATE_URL='${server.url}' DATABASE_URL='${appUrl(server).href}' SECRETS_DATABASE_URL='${server.secretsUrl}'
    exec '${process.execPath}' '${process.cwd()}/prisma/migrate.ts' ;;
  'compose stop api worker' | 'compose up -d' | 'compose run --rm api node '*) ;;
  *) echo "unknown: docker $*" >&2; exit 64 ;;
esac
`;
  await writeFile(join(folder, 'docker'), script, { mode: 0o755 });
  return folder;
}

async function execute(commands: string, server: Postgres): Promise<void> {
  const PATH = `${await writeDocker(server)}:${process.env.PATH}`;
  await run('bash', ['-c', `set -e\n${commands}`], { cwd: root, env: { NODE_ENV: 'test', PATH } });
  await rm(join(root, `bin-${server.port}`), { recursive: true });
}

async function fill(server: Postgres, name: string): Promise<void> {
  const { username, password } = appUrl(server);
  await migrate({
    databaseUrl: server.url,
    appRole: { name: username, password },
    secretsUrl: server.secretsUrl,
  });
  const orgId = newId();
  await withClient(server.url, 'test', (client) =>
    client.query('INSERT INTO "Organization" ("id", "slug", "name") VALUES ($1, $2, $2)', [orgId, name]),
  );
  const secrets = createSecrets({ url: server.secretsUrl, key });
  await secrets.put(orgId, { name });
  await secrets.close();
}

/** What the role of the processes finds. */
async function contentOf(server: Postgres): Promise<unknown[]> {
  const [organization] = await withClient(appUrl(server).href, 'test', async (client) => {
    const { rows } = await client.query<{ id: string; name: string }>('SELECT "id", "name" FROM "Organization"');
    return rows;
  });
  const stored = await withClient(server.secretsUrl, 'test', async (client) => {
    const { rows } = await client.query<{ ref: string }>('SELECT ref FROM secret');
    return rows;
  });
  const secrets = createSecrets({ url: server.secretsUrl, key });
  const values = await Promise.all(stored.map(({ ref }) => secrets.get(organization?.id ?? '', ref)));
  await secrets.close();
  return [organization?.name, ...values];
}

it.skipIf(!hasTools)('the documented commands restore on a new server and over an existing one', async () => {
  const [backup = '', restore = ''] = await readCommands();
  const old = await startServer('old');
  await fill(old, 'kept');
  await execute(backup, old);

  const fresh = await startServer('fresh');
  await execute(restore, fresh);
  expect(await contentOf(fresh)).toEqual(['kept', { name: 'kept' }]);

  const used = await startServer('used');
  await fill(used, 'replaced');
  await execute(restore, used);
  expect(await contentOf(used)).toEqual(['kept', { name: 'kept' }]);
  await withClient(appUrl(used).href, 'test', async (client) => {
    await expect(client.query('DELETE FROM "AuditEvent"')).rejects.toMatchObject({ code: '42501' });
  });
});
