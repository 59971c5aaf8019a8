import { findFailingServers, isOutage, isOutageOngoing, minOutageServers } from '../../../domain/incident/outage.ts';
import { minuteMs } from '../../../domain/values/time.ts';
import type { Tx } from '../../../infra/db/index.ts';
import {
  findMonitoredServers,
  findOrganizationsInOutage,
  findServerLevelIncidents,
} from '../../../infra/db/queries/server-standing.ts';
import type { Deps } from '../../context/context.ts';
import type { DeliveryRef } from '../../delivery/schema.ts';
import { startDeliveries } from '../../delivery/start.ts';
import { notifyIn } from './notify.ts';
import { recordObservationsIn } from './record.ts';
import { lockSubjects, saveSubjects } from './subject.ts';

const subjectKey = { kind: 'all_servers', key: 'all' } as const;
const maxOrganizations = 500;
const recentMs = 10 * minuteMs;

type OutageDeps = Pick<Deps, 'db' | 'temporal' | 'log' | 'now'>;

/**
 * Opens, continues or closes the incident of most servers of an organization, which absorbs theirs. In a transaction of
 * its own, after those that change the incidents of the servers: it locks a subject that all of them share.
 */
export async function watchOutage(deps: OutageDeps, { orgId }: { orgId: string }): Promise<void> {
  const { db } = deps;
  const incidents = await findServerLevelIncidents(db, { orgId });
  const isOpen = (await db.incident.count({ where: { orgId, subjectKind: subjectKey.kind, closedAt: null } })) > 0;
  // Another failure of a server that is part of an outage already is no news.
  if (isOpen && incidents.every(({ parentId }) => parentId !== null)) return;
  if (!isOpen && new Set(incidents.map(({ serverId }) => serverId)).size < minOutageServers) return;
  await recordOutage(deps, { orgId });
}

async function recordOutage(deps: OutageDeps, { orgId }: { orgId: string }): Promise<void> {
  const deliveries = await deps.db.$transaction((tx) => observeOutageIn(tx, deps, orgId));
  await startDeliveries(deps, deliveries);
}

/** The same over all organizations, for those whose outage ends without another failure. Part of reconcile. */
export async function sweepOutages(deps: OutageDeps): Promise<void> {
  const openedAfter = new Date(deps.now().getTime() - recentMs);
  for (const organization of await findOrganizationsInOutage(deps.db, { openedAfter, limit: maxOrganizations }))
    await recordOutage(deps, organization);
}

async function observeOutageIn(tx: Tx, deps: Pick<Deps, 'now'>, orgId: string): Promise<DeliveryRef[]> {
  const now = deps.now();
  const subjects = await lockSubjects(tx, orgId, [subjectKey]);
  const [subject] = subjects.values();
  const servers = await findMonitoredServers(tx, { orgId });
  const failing = findFailingServers({ servers, incidents: await findServerLevelIncidents(tx, { orgId }) });
  const isOpen = subject?.state.open != null;
  const isFailing = isOpen
    ? isOutageOngoing(failing, servers.length)
    : isOutage(failing, { servers: servers.length, now: now.getTime() });
  if (!isOpen && !isFailing) return [];
  const incidents = await recordObservationsIn(tx, {
    orgId,
    subjects,
    now,
    observations: [
      {
        ...subjectKey,
        serverId: null,
        observation: {
          at: Math.max(now.getTime(), (subject?.state.seenAt ?? 0) + 1),
          level: isFailing ? 'bad' : 'ok',
          outcome: isFailing ? 'unreachable' : 'pass',
        },
        cause: {
          outcome: 'unreachable',
          servers: failing.map(({ id, name }) => ({ id, name })),
          serverCount: servers.length,
        },
      },
    ],
  });
  const [outage] = incidents;
  if (outage && isFailing)
    await tx.incident.updateMany({
      where: { orgId, id: { in: failing.flatMap(({ incidentIds }) => incidentIds) }, closedAt: null, parentId: null },
      data: { parentId: outage.id },
    });
  const deliveries = await notifyIn(tx, deps, { orgId, subjects, incidents });
  await saveSubjects(tx, orgId, [...subjects.values()]);
  return deliveries;
}
