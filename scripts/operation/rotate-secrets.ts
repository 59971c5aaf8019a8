/** `npm run rotate-secrets` (docs/operating.md, "Keys"). */
import { createDb } from '../../infra/db/index.ts';
import { createKeyring, createSecrets } from '../../infra/secrets/index.ts';
import { findUnreadableSecrets } from '../../services/installation/unreadable-secrets.ts';
import { openDatabases, requireKeys } from './installation.ts';
import { runCommand, say } from './run.ts';

async function main(args: string[], env: NodeJS.ProcessEnv): Promise<void> {
  if (args.length > 0) throw new Error('Usage: npm run rotate-secrets');
  const keys = requireKeys(env);
  const databases = await openDatabases(env);
  const secrets = createSecrets({ ...keys, url: databases.secretsUrl });
  const db = createDb({ url: databases.url, max: 2 });
  try {
    const changed = await secrets.rotate();
    say(`Encrypted ${changed} secrets with the key ${createKeyring(keys).currentId}.`);
    const unreadable = await secrets.listUnreadable();
    if (unreadable.length === 0) {
      say('Every secret uses it now: the present data needs no earlier key. Backups made before still do.');
      return;
    }
    const owners = await findUnreadableSecrets({ db, secrets });
    throw new Error(
      [
        `${unreadable.length} secrets can't be opened with ARMATURE_SECRETS_KEY and ARMATURE_SECRETS_PREVIOUS_KEYS, and were left as they are. Add the key that they were encrypted with, and start this again.${owners.length > 0 ? ' Otherwise:' : ''}`,
        ...owners.map(({ kind, name, id, repair }) => `  ${kind} "${name}" (${id}): ${repair}`),
      ].join('\n'),
    );
  } finally {
    await Promise.all([db.close(), secrets.close()]);
    await databases.close();
  }
}

if (import.meta.main) await runCommand(main);
