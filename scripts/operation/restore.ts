/** `npm run restore -- <folder> [--overwrite]` (docs/operating.md, "Backups"). */
import { rename, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { type Config, readConfig } from '../../infra/config/index.ts';
import { createLogger } from '../../infra/logger/index.ts';
import { createKeyring, type Keyring } from '../../infra/secrets/index.ts';
import { withEngine } from '../../prisma/engine.ts';
import { migrate } from '../../prisma/migrate.ts';
import { createDeps } from '../../services/context/deps.ts';
import { settleRestored } from '../../services/installation/settle-restored.ts';
import { endLeftoverTemporal } from '../embedded/temporal-server.ts';
import { isMissing } from '../process.ts';
import { withClient } from './copy.ts';
import { type Databases, findHome, findKeys, isSeparate, openForRestore } from './installation.ts';
import { loadRows, loadSecrets } from './load.ts';
import type { Manifest } from './manifest.ts';
import { runCommand, say } from './run.ts';
import { createFilling, dropReplaced, hasData, requireUnused, swap } from './target.ts';
import { verifyBackup } from './verify.ts';

type Target = Databases & { appRole: { name: string; password: string } };

/**
 * Verifies a backup, fills a new database with it, and puts that in the place of the present one. Until then nothing
 * that is there changes, except that the backup's secrets are added.
 * @param options.open is called once the backup is known to be whole and readable
 * @param options.env configuration, of which ending what was in progress needs a part
 * @throws Error that says what keeps it from being restored; then the present data is as it was
 */
export async function restoreBackup(options: {
  folder: string;
  keyring: Keyring | null;
  open: () => Promise<Target>;
  overwrite: boolean;
  env: NodeJS.ProcessEnv;
  log: (line: string) => void;
}): Promise<Manifest> {
  const { folder, keyring, overwrite, log } = options;
  const manifest = await verifyBackup(folder, keyring);
  const target = await options.open();
  try {
    await requireUnused(target);
    if (!overwrite && (await hasData(target)))
      throw new Error(
        'There is data already. To replace all of it by the backup, add --overwrite. To keep it, make a backup of it first.',
      );
    const config = configure(options.env, target);
    log('The backup is whole. Filling a new database …');
    const url = await createFilling(target.url);
    await withEngine(url, (engine) => engine.apply(new Set(manifest.migrations.map(({ name }) => name))));
    await withClient(url, 'restore', (client) => loadRows(client, folder, manifest));
    await migrate({ databaseUrl: url, appRole: target.appRole, secretsUrl: target.secretsUrl });
    const { runsEnded, deliveriesEnded } = await settle(config, { url, target, manifest });
    if (runsEnded + deliveriesEnded > 0)
      log(`Ended what was in progress when the backup was made: ${runsEnded} runs, ${deliveriesEnded} alert messages.`);
    const withSecrets = (only: boolean) =>
      withClient(target.secretsUrl, 'restore', (client) => loadSecrets(client, { folder, manifest, only }));
    await withSecrets(false);
    await swap(target.url);
    // From here the restored data is in place. If one of these is interrupted, restoring again does the rest.
    await withSecrets(true);
    await dropReplaced(target.url);
    return manifest;
  } finally {
    await target.close();
  }
}

/** The part of the configuration that ending what was in progress needs. */
const configure = (env: NodeJS.ProcessEnv, { url, secretsUrl }: Target): Config =>
  readConfig({
    // Not used here, but checked.
    ARMATURE_SECRETS_KEY: Buffer.alloc(32).toString('base64'),
    ARMATURE_AUTH_SECRET: Buffer.alloc(32).toString('base64'),
    ...env,
    DATABASE_URL: url,
    SECRETS_DATABASE_URL: secretsUrl,
  });

async function settle(config: Config, { url, target, manifest }: { url: string; target: Target; manifest: Manifest }) {
  const address = new URL(url);
  address.username = encodeURIComponent(target.appRole.name);
  address.password = encodeURIComponent(target.appRole.password);
  const log = createLogger({ level: 'warn', process: 'restore' });
  const deps = createDeps({ ...config, databaseUrl: address.href }, log);
  try {
    return await settleRestored(deps, { backedUpAt: new Date(manifest.createdAt) });
  } finally {
    await deps.close();
  }
}

/** Temporal's file and the demo's password belong to the data that was replaced. */
async function setAsideEmbedded(home: string): Promise<void> {
  await rm(join(home, 'temporal'), { recursive: true, force: true });
  const credentials = join(home, 'credentials.json');
  await rename(credentials, `${credentials}.before-restore`).catch((error: unknown) => {
    if (!isMissing(error)) throw error;
  });
}

async function main(args: string[], env: NodeJS.ProcessEnv): Promise<void> {
  const overwrite = args.includes('--overwrite');
  const [folder, ...more] = args.filter((arg) => arg !== '--overwrite');
  if (folder === undefined || more.length > 0)
    throw new Error('Usage: npm run restore -- <folder of the backup> [--overwrite]');
  const home = findHome(env);
  const keys = findKeys(env);
  const manifest = await restoreBackup({
    folder: resolve(folder),
    keyring: keys && createKeyring(keys),
    overwrite,
    env,
    log: say,
    async open() {
      if (!isSeparate(env)) await endLeftoverTemporal(join(home, 'temporal'));
      return openForRestore(env);
    },
  });
  if (!isSeparate(env)) await setAsideEmbedded(home);
  say(`Restored the backup of ${manifest.createdAt}. Everyone has to sign in again.`);
  say(isSeparate(env) ? 'Start api and worker.' : `Start it: npm start (data in ${home})`);
}

if (import.meta.main) await runCommand(main);
