import { createHash } from 'node:crypto';
import { z } from 'zod';
import { ArmatureError } from '../../domain/error/error.ts';
import { dayMs } from '../../domain/values/time.ts';
import type { Db } from '../../infra/db/index.ts';
import { sumDaysByMonitor } from '../../infra/db/queries/check.ts';
import { useCase } from '../context/use-case.ts';
import { displayNames } from './display-names.ts';
import { combineStates, type Day, getUptime, type PublicState, toPublicState } from './state.ts';

/** Days of the bars, today included. */
export const shownDays = 90;
/** A longer page would not be read. */
const maxMonitors = 300;
const maxIncidents = 50;
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
  maintenance: { server: string; startsAt: string; endsAt: string; isNow: boolean }[];
  generatedAt: string;
};

/**
 * Returns what anyone may see of a workspace with an enabled status page: names, states and their times of the chosen
 * servers and their monitors. No result, error, address, argument, reason or id.
 * @throws ArmatureError `resource_not_found`, the same for a page that is off as for one that never existed
 */
export const readPublicStatus = useCase({
  name: 'status_page.read_public',
  access: 'anyone',
  input: z.object({ slug: z.string().max(100) }),
  async run({ db, now }, { slug }): Promise<PublicStatus> {
    const at = now();
    const organization = await db.organization.findUnique({
      where: { slug },
      select: {
        id: true,
        statusPage: { select: { enabled: true, title: true, description: true, serverIds: true, displayNames: true } },
      },
    });
    const page = organization?.statusPage;
    if (!organization || !page?.enabled) throw notPublic();
    const orgId = organization.id;

    const shownAs = displayNames.parse(page.displayNames);
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
    const serverIds = servers.map(({ id }) => id);
    const where = { orgId, serverId: { in: serverIds } };
    const established = { ...where, ...hasPassed };
    const [monitors, monitorCount, incidents, windows] = await Promise.all([
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
        where: { ...where, closedAt: null, parentId: null, subjectKind: { in: ['monitor', 'server'] } },
        orderBy: [{ openedAt: 'asc' }, { id: 'asc' }],
        take: maxIncidents,
        select: {
          subjectKind: true,
          serverId: true,
          openedAt: true,
          level: true,
          monitor: { select: { id: true, name: true, state: true } },
        },
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
      maintenance: windows.map(({ serverId, startsAt, endsAt }) => ({
        server: serverId === null ? 'All servers' : (serverNames.get(serverId) ?? ''),
        startsAt: startsAt.toISOString(),
        endsAt: endsAt.toISOString(),
        isNow: startsAt <= at,
      })),
      generatedAt: at.toISOString(),
    };
  },
});

export const notPublic = (): ArmatureError =>
  new ArmatureError('resource_not_found', 'Status page not found.', 'Check the address.');

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
