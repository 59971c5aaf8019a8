import type { Deps } from '../context/context.ts';

/** What can't be used because its secret can't be opened. */
export type UnreadableSecret = {
  kind: 'MCP server' | 'webhook' | 'Slack workspace' | 'model provider';
  id: string;
  name: string;
  /** What to do about it, one sentence. */
  repair: string;
};

/** Finds the servers and destinations of all organizations whose secrets can't be opened. */
export async function findUnreadableSecrets({
  db,
  secrets,
}: Pick<Deps, 'db' | 'secrets'>): Promise<UnreadableSecret[]> {
  const unreadable = await secrets.listUnreadable();
  return findOwners(
    db,
    unreadable.map(({ ref }) => ref),
  );
}

/** Finds the servers and destinations in use that refer to one of these secrets. */
export async function findOwners(db: Deps['db'], refs: string[]): Promise<UnreadableSecret[]> {
  if (refs.length === 0) return [];
  const secretRef = { in: refs };
  const [servers, webhooks, installations, providers] = await Promise.all([
    db.server.findMany({
      where: {
        archivedAt: null,
        OR: [
          { secretRef },
          { authProfiles: { some: { secretRef, archivedAt: null } } },
          {
            authProfiles: {
              some: { archivedAt: null, oauth: { OR: [{ tokenRef: secretRef }, { registeredRef: secretRef }] } },
            },
          },
        ],
      },
      orderBy: { id: 'asc' },
      select: { id: true, name: true },
    }),
    db.webhook.findMany({
      where: { secretRef, archivedAt: null },
      orderBy: { id: 'asc' },
      select: { id: true, name: true },
    }),
    db.slackInstallation.findMany({
      where: { secretRef, state: 'connected' },
      orderBy: { id: 'asc' },
      select: { id: true, teamName: true },
    }),
    db.modelProvider.findMany({ where: { secretRef }, orderBy: { id: 'asc' }, select: { id: true, name: true } }),
  ]);
  return [
    ...servers.map((row) => ({ kind: 'MCP server' as const, ...row, repair: 'Enter its credentials again.' })),
    ...webhooks.map((row) => ({ kind: 'webhook' as const, ...row, repair: 'Create a new signing secret for it.' })),
    ...installations.map(({ id, teamName }) => ({
      kind: 'Slack workspace' as const,
      id,
      name: teamName,
      repair: 'Connect it again.',
    })),
    ...providers.map((row) => ({ kind: 'model provider' as const, ...row, repair: 'Enter its key again.' })),
  ];
}
