import type { IncidentSubject } from '../../domain/notification/text.ts';
import type { Db, Tx } from '../../infra/db/index.ts';
import type { SubjectKey } from './recording/subject.ts';

type NamedIds = SubjectKey & {
  serverId: string | null;
  monitorId: string | null;
  workflowId: string | null;
  model: string | null;
  tool: string | null;
};

/**
 * Finds the names of incidents' subjects and servers.
 * @returns by incident; `serverName` is null where no server is involved
 */
export async function findSubjectNames<T extends NamedIds>(
  db: Db | Tx,
  orgId: string,
  incidents: readonly T[],
): Promise<Map<T, { subject: IncidentSubject; serverName: string | null }>> {
  const idsOf = (column: 'serverId' | 'monitorId' | 'workflowId') => [
    ...new Set(incidents.flatMap((incident) => incident[column] ?? [])),
  ];
  const select = { id: true, name: true } as const;
  const where = (column: 'serverId' | 'monitorId' | 'workflowId') => ({ orgId, id: { in: idsOf(column) } });
  const servers = await db.server.findMany({ where: where('serverId'), select });
  const monitors = await db.monitor.findMany({ where: where('monitorId'), select });
  const workflows = await db.workflow.findMany({ where: where('workflowId'), select });
  const profileIds = incidents.flatMap(({ kind, key }) => (kind === 'auth_profile' ? [key] : []));
  const profiles = profileIds.length
    ? await db.authProfile.findMany({ where: { orgId, id: { in: profileIds } }, select })
    : [];
  const names = new Map([...servers, ...monitors, ...workflows, ...profiles].map(({ id, name }) => [id, name]));
  const nameOf = (id: string | null) => (id === null ? undefined : names.get(id));
  return new Map(
    incidents.map((incident) => {
      const { kind, key, serverId, monitorId, workflowId, model, tool } = incident;
      const name =
        kind === 'installation'
          ? partName(key)
          : kind === 'budget'
            ? (nameOf(workflowId) ?? 'the workspace')
            : kind === 'all_servers'
              ? 'Most servers'
              : kind === 'auth_profile'
                ? (nameOf(key) ?? key)
                : (tool ?? nameOf(monitorId) ?? nameOf(workflowId) ?? nameOf(serverId) ?? key);
      return [
        incident,
        { subject: { kind, name, model, serverId, monitorId, workflowId }, serverName: nameOf(serverId) ?? null },
      ];
    }),
  );
}

/** Names a part of the installation (services/installation/watch.ts). */
function partName(key: string): string {
  const [part, provider] = key.split(':');
  if (part === 'provider') return `Model provider ${provider ?? ''}`;
  return part === 'worker' ? 'Workers' : 'Schedules';
}
