import { createHash } from 'node:crypto';
import { z } from 'zod';
import { dayMs } from '../../domain/values/time.ts';
import type { Db } from '../../infra/db/index.ts';
import { sumDaysByMonitor } from '../../infra/db/queries/check.ts';
import type { DisplayNames } from './display-names.ts';
import { combineStates, type Day, getUptime, type PublicState, toPublicState } from './state.ts';

/** Days of the bars, today included. */
export const shownDays = 90;
/** A longer page would not be read. */
const maxMonitors = 300;
const maxIncidents = 50;
const maxPastIncidents = 30;
const ofIncident = {
  subjectKind: true,
  serverId: true,
  openedAt: true,
  closedAt: true,
  level: true,
  monitor: { select: { id: true, name: true, state: true } },
} as const;
/** How far ahead maintenance is announced. */
const aheadMs = 14 * dayMs;

/** One that never passed is still being set up. */
const hasPassed = { state: 'active', days: { some: { OR: [{ pass: { gt: 0 } }, { degraded: { gt: 0 } }] } } };

export type PublicMonitor = {
  /** Derived one-way from the monitor's id: stable, and only good for its badge. */
  publicId: string;
  name: string;
  state: PublicState;
  /** 0 to 1 over the days shown; null without a check. */
  uptime: number | null;
  /** Oldest first, one for each of the last 90 days (UTC), 0 and 0 for days without checks. */
  days: Day[];
};

export type PublicStatus = {
  title: string;
  description: string;
  state: PublicState;
  servers: { name: string; state: PublicState; monitors: PublicMonitor[] }[];
  /** Number of monitors that the page leaves out. */
  leftOut: number;
  /** What is failing now, longest first. */
  incidents: { name: string; state: PublicState; since: string }[];
  /** What failed in the days shown and is over, the latest first. */
  past: { name: string; state: PublicState; since: string; until: string }[];
  maintenance: { server: string; startsAt: string; endsAt: string; isNow: boolean }[];
  generatedAt: string;
};

/** What an admin has chosen, or is choosing, to show. */
export type ShownPage = { title: string; description: string; serverIds: string[]; displayNames: DisplayNames };

/**
 * What anyone may see of a page: names, states and their times of the chosen servers and their monitors. No result,
 * error, address, argument, reason or id.
 */
export async function readContent(
  db: Db,
  { orgId, page, at }: { orgId: string; page: ShownPage; at: Date },
): Promise<PublicStatus> {
  const shownAs = page.displayNames;
  const found = await db.server.findMany({
    where: {
      orgId,
      archivedAt: null,
      monitors: { some: hasPassed },
      id: { in: page.serverIds },
    },
    orderBy: [{ name: 'asc' }, { id: 'asc' }],
    select: { id: true, name: true },
  });
  const servers = found.map(({ id, name }) => ({ id, name: shownAs[id] ?? name }));
  const { monitors, monitorCount, incidents, ended, windows } = await findRows(db, {
    orgId,
    serverIds: servers.map(({ id }) => id),
    at,
  });
  const days = await findDays(
    db,
    orgId,
    monitors.map(({ id }) => id),
    at,
  );
  const maintained = new Set(windows.filter(({ startsAt }) => startsAt <= at).map(({ serverId }) => serverId));
  const isInMaintenance = (serverId: string) => maintained.has(serverId) || maintained.has(null);
  const serverNames = new Map(servers.map(({ id, name }) => [id, name]));

  const shown = monitors.map(({ id, serverId, name, intervalSeconds, health }) => {
    const bars = days(id);
    return {
      id,
      serverId,
      publicId: toPublicId(id),
      name,
      state: toPublicState({ health, intervalSeconds, inMaintenance: isInMaintenance(serverId), now: at }),
      uptime: getUptime(bars),
      days: bars,
    };
  });
  const stateById = new Map(shown.map(({ id, state }) => [id, state]));
  return {
    title: page.title,
    description: page.description,
    state: combineStates(shown.map(({ state }) => state)),
    servers: servers.map(({ id, name }) => {
      const ofServer = shown.filter(({ serverId }) => serverId === id);
      return {
        name,
        state: combineStates(ofServer.map(({ state }) => state)),
        monitors: ofServer.map(({ publicId, name: called, state, uptime, days: bars }) => ({
          publicId,
          name: called,
          state,
          uptime,
          days: bars,
        })),
      };
    }),
    leftOut: Math.max(0, monitorCount - shown.length),
    incidents: incidents.flatMap(({ subjectKind, serverId, monitor, level, openedAt }) => {
      const since = openedAt.toISOString();
      if (subjectKind === 'server')
        return [{ name: serverNames.get(serverId ?? '') ?? '', state: 'down' as const, since }];
      if (monitor?.state !== 'active') return [];
      const state = stateById.get(monitor.id);
      const monitorState = state === 'down' ? 'down' : level === 'warn' ? 'degraded' : 'failing';
      return [{ name: monitor.name, state: monitorState, since }];
    }),
    past: ended.flatMap(({ subjectKind, serverId, monitor, level, openedAt, closedAt }) => {
      const name = subjectKind === 'server' ? serverNames.get(serverId ?? '') : monitor?.name;
      if (name === undefined || !closedAt) return [];
      const state = subjectKind === 'server' ? 'down' : level === 'warn' ? 'degraded' : 'failing';
      return [{ name, state, since: openedAt.toISOString(), until: closedAt.toISOString() }];
    }),
    maintenance: windows.map(({ serverId, startsAt, endsAt }) => ({
      server: serverId === null ? 'All servers' : (serverNames.get(serverId) ?? ''),
      startsAt: startsAt.toISOString(),
      endsAt: endsAt.toISOString(),
      isNow: startsAt <= at,
    })),
    generatedAt: at.toISOString(),
  };
}

async function findRows(db: Db, { orgId, serverIds, at }: { orgId: string; serverIds: string[]; at: Date }) {
  const where = { orgId, serverId: { in: serverIds } };
  const established = { ...where, ...hasPassed };
  const ofSystems = { parentId: null, subjectKind: { in: ['monitor', 'server'] } };
  const [monitors, monitorCount, incidents, ended, windows] = await Promise.all([
    db.monitor.findMany({
      where: established,
      orderBy: [{ serverId: 'asc' }, { name: 'asc' }, { id: 'asc' }],
      take: maxMonitors,
      select: {
        id: true,
        serverId: true,
        name: true,
        intervalSeconds: true,
        health: { select: { outcome: true, checkedAt: true } },
      },
    }),
    db.monitor.count({ where: established }),
    db.incident.findMany({
      where: { ...where, ...ofSystems, closedAt: null },
      orderBy: [{ openedAt: 'asc' }, { id: 'asc' }],
      take: maxIncidents,
      select: ofIncident,
    }),
    db.incident.findMany({
      where: {
        ...where,
        ...ofSystems,
        closedAt: { not: null },
        closeReason: 'recovered',
        openedAt: { gte: new Date(at.getTime() - shownDays * dayMs) },
        OR: [{ subjectKind: 'server' }, { monitor: { state: 'active' } }],
      },
      orderBy: [{ openedAt: 'desc' }, { id: 'desc' }],
      take: maxPastIncidents,
      select: ofIncident,
    }),
    db.maintenanceWindow.findMany({
      where: {
        orgId,
        OR: [{ serverId: { in: serverIds } }, { serverId: null }],
        endsAt: { gt: at },
        startsAt: { lt: new Date(at.getTime() + aheadMs) },
      },
      orderBy: [{ startsAt: 'asc' }, { id: 'asc' }],
      take: maxIncidents,
      select: { serverId: true, startsAt: true, endsAt: true },
    }),
  ]);
  return { monitors, monitorCount, incidents, ended, windows };
}

/** A UUIDv7 has 74 random bits, so its hash doesn't lead back to it. */
const toPublicId = (monitorId: string): string =>
  createHash('sha256').update(`status page of monitor ${monitorId}`).digest('base64url').slice(0, 16);

const dayRows = z.array(z.object({ day: z.string(), up: z.int(), down: z.int() }));

async function findDays(db: Db, orgId: string, monitorIds: string[], now: Date): Promise<(monitorId: string) => Day[]> {
  const today = Math.floor(now.getTime() / dayMs) * dayMs;
  const since = new Date(today - (shownDays - 1) * dayMs);
  const dates = Array.from({ length: shownDays }, (_, index) =>
    new Date(today - (shownDays - 1 - index) * dayMs).toISOString().slice(0, 10),
  );
  const rows = await sumDaysByMonitor(db, { orgId, monitorIds, since });
  const byMonitor = new Map(rows.map(({ monitorId, days }) => [monitorId, dayRows.parse(days)]));
  return (monitorId) => {
    const byDay = new Map(byMonitor.get(monitorId)?.map((day) => [day.day, day]));
    return dates.map((day) => byDay.get(day) ?? { day, up: 0, down: 0 });
  };
}
