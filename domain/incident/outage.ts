import { minuteMs, secondMs } from '../values/time.ts';

/** How close together servers have to fail, so that one cause is likely: perhaps Armature's own network. */
const windowMs = 2 * minuteMs;
/** A failure can be known this much later than its nominal time, which the window is about. */
const settleMs = 30 * secondMs;
/** How long a failure of a server is held back at most. */
export const maxHoldMs = windowMs + settleMs;
/** An outage notifies about servers that fail from its beginning on; earlier failures have notified already. */
const newWithinMs = 5 * minuteMs;
export const minOutageServers = 3;
/** For how long after an outage its servers that still fail don't notify on their own. */
export const aftermathMs = 10 * minuteMs;

/** An outage is notified this long after it began, so that the message lists the servers that fail a moment later. */
export const listingMs = minuteMs;

/** A server of which no check gets an answer. */
export type FailingServer = {
  id: string;
  name: string;
  /** Unix time in milliseconds. */
  since: number;
  /** Of the server, or of its only monitors. */
  incidentIds: string[];
  /** Its incident was part of an outage before. */
  isAbsorbed: boolean;
};

export type OpenIncident = {
  id: string;
  serverId: string | null;
  /** Null for the incident of the server. */
  monitorId: string | null;
  openedAt: Date;
  parentId: string | null;
};

/**
 * The servers that don't answer: those with a server incident, and those whose active monitors all have one. A batch of
 * one check can't say that its server is down, but it counts here.
 * @param of.incidents open ones whose cause is at server level
 */
export function findFailingServers(of: {
  servers: readonly { id: string; name: string; activeMonitors: number }[];
  incidents: readonly OpenIncident[];
}): FailingServer[] {
  const byServer = Map.groupBy(of.incidents, ({ serverId }) => serverId);
  return of.servers.flatMap(({ id, name, activeMonitors }) => {
    const all = byServer.get(id) ?? [];
    const ofServer = all.filter(({ monitorId }) => monitorId === null);
    const own = ofServer.length > 0 ? ofServer : all;
    if (own.length < (ofServer.length > 0 ? 1 : Math.max(1, activeMonitors))) return [];
    return [
      {
        id,
        name,
        since: Math.max(...own.map(({ openedAt }) => openedAt.getTime())),
        incidentIds: own.map((incident) => incident.id),
        isAbsorbed: own.some(({ parentId }) => parentId !== null),
      },
    ];
  });
}

const isMost = (failing: number, servers: number): boolean => failing >= minOutageServers && failing * 2 > servers;

/** Whether most servers of an organization began to fail at about the same time, just now. */
export function isOutage(
  failing: readonly FailingServer[],
  { servers, now }: { servers: number; now: number },
): boolean {
  const times = failing
    .filter(({ isAbsorbed, since }) => !isAbsorbed && since > now - newWithinMs)
    .map(({ since }) => since)
    .sort((a, b) => a - b);
  return times.some((from) => isMost(times.filter((at) => at >= from && at <= from + windowMs).length, servers));
}

/** Whether an outage goes on. It may have more servers by now. */
export const isOutageOngoing = (failing: readonly FailingServer[], servers: number): boolean =>
  isMost(failing.length, servers);

/**
 * Until when a server's failure isn't notified, because it may be part of an outage: while most other servers have not
 * answered since.
 * @param of.answered servers that have answered since. @returns null if it is notified now
 */
export function findHoldUntil(of: { openedAt: number; servers: number; answered: number }): number | null {
  if (of.servers < minOutageServers || of.answered * 2 >= of.servers) return null;
  return of.openedAt + maxHoldMs;
}
