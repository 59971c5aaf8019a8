import type { Warning } from '../../../domain/error/error.ts';
import { dayMs } from '../../../domain/values/time.ts';
import type { Db } from '../../../infra/db/index.ts';
import { findChecks } from '../../../infra/db/queries/check.ts';
import type { MonitorModel } from '../../../prisma/generated/models.ts';
import { useCase } from '../../context/use-case.ts';
import { concerning } from '../../maintenance/active.ts';
import { type MaintenanceView, toMaintenanceView } from '../../maintenance/view.ts';
import { loadRedactor } from '../../server/secret/redactor.ts';
import { monitorNotFound } from '../errors.ts';
import { getMonitorInput } from '../schema.ts';
import { checkArguments } from '../tool-call/arguments.ts';
import { toolProblem } from '../tool-call/catalog-tool.ts';
import { type Figures, getFigures } from './chart.ts';
import {
  type ChartPoint,
  type CheckView,
  checkView,
  type HealthView,
  healthView,
  type MonitorIncident,
  type MonitorScheduleView,
  type MonitorView,
  monitorView,
  objectOf,
  scheduleView,
  toMonitorIncident,
} from './view.ts';

const maxChecks = 50;
const maxIncidents = 20;
const maxWindows = 20;

export type MonitorPage = Figures & {
  monitor: MonitorView;
  range: '24h' | '7d' | '30d';
  server: { id: string; name: string; archived: boolean };
  health: HealthView | null;
  /** The last 30 days (UTC), today last. */
  days: ChartPoint[];
  schedule: MonitorScheduleView;
  /** The newest of today and yesterday (UTC). */
  checks: CheckView[];
  incidents: MonitorIncident[];
  /** Windows of the range and later ones, newest first. */
  maintenance: MaintenanceView[];
  inMaintenance: boolean;
  /** It has been checked and has never passed, so it opens no incident. */
  isSettingUp: boolean;
  /** As in the catalog (untrusted); null when it was never there. */
  tool: { name: string; title: string | null; description: string; inputSchema: unknown; active: boolean } | null;
  /** Profiles of the server that can be chosen. */
  authProfiles: { id: string; name: string; kind: string; isDefault: boolean }[];
  /** Problems of its checks. */
  warnings: Warning[];
};

/**
 * Everything that a monitor's page shows, archived ones included, by a fixed number of queries: uptime, percentiles and
 * chart from the roll-ups, checks of two days at most.
 * @throws ArmatureError `monitor_not_found`
 */
export const getMonitor = useCase({
  name: 'monitor.get',
  access: 'viewer',
  input: getMonitorInput,
  async run({ db, orgId, secrets, now }, { monitorId, range }): Promise<MonitorPage> {
    const at = now();
    const row = await db.monitor.findFirst({
      where: { orgId, id: monitorId },
      include: {
        server: { select: { id: true, name: true, archivedAt: true } },
        authProfile: { select: { name: true, archivedAt: true } },
      },
    });
    if (!row) throw monitorNotFound();
    const { serverId, intervalSeconds } = row;
    const today = Math.floor(at.getTime() / dayMs) * dayMs;
    const [figures, month, checks, incidents, schedule, tool, profiles, redactor] = await Promise.all([
      getFigures(db, { orgId, monitorId, range, now: at }),
      range === '30d' ? null : getFigures(db, { orgId, monitorId, range: '30d', now: at }),
      findChecks(db, {
        orgId,
        monitorId,
        from: new Date(today - dayMs),
        to: new Date(today + dayMs),
        limit: maxChecks,
      }),
      db.incident.findMany({
        where: { orgId, monitorId },
        orderBy: [{ openedAt: 'desc' }, { id: 'desc' }],
        take: maxIncidents,
      }),
      db.monitorSchedule.findUnique({
        where: { orgId_serverId_intervalSeconds: { orgId, serverId, intervalSeconds } },
      }),
      db.catalogTool.findUnique({
        where: { orgId_serverId_name: { orgId, serverId, name: row.tool } },
        select: { name: true, title: true, description: true, inputSchema: true, active: true },
      }),
      db.authProfile.findMany({
        where: { orgId, serverId, archivedAt: null },
        orderBy: [{ isDefault: 'desc' }, { createdAt: 'asc' }],
        select: { id: true, name: true, kind: true, isDefault: true },
      }),
      loadRedactor({ db, secrets }, { orgId, serverId, authProfileId: row.authProfileId }),
    ]);
    // After the checks, so that every check shown is counted: one statement writes both.
    const { health } = await db.monitor.findFirstOrThrow({ where: { orgId, id: monitorId }, select: { health: true } });
    const passed = await db.checkDay.findFirst({
      where: { orgId, monitorId, OR: [{ pass: { gt: 0 } }, { degraded: { gt: 0 } }] },
      select: { day: true },
    });
    const maintenance = await findMaintenance(db, { orgId, serverId, since: new Date(figures.since), now: at });
    return {
      ...figures,
      monitor: monitorView(row, redactor),
      range,
      server: { id: row.server.id, name: row.server.name, archived: row.server.archivedAt !== null },
      health: health && healthView(health),
      days: (month ?? figures).points,
      schedule: scheduleView(schedule),
      checks: checks.map(checkView),
      incidents: incidents.map(toMonitorIncident),
      maintenance,
      inMaintenance: maintenance.some(({ state }) => state === 'active'),
      isSettingUp: health !== null && passed === null,
      tool,
      authProfiles: profiles,
      warnings: row.state === 'archived' ? [] : findWarnings(row, tool),
    };
  },
});

async function findMaintenance(
  db: Db,
  { orgId, serverId, since, now }: { orgId: string; serverId: string; since: Date; now: Date },
): Promise<MaintenanceView[]> {
  const rows = await db.maintenanceWindow.findMany({
    where: { ...concerning({ orgId, serverId }), endsAt: { gt: since } },
    orderBy: [{ startsAt: 'desc' }, { id: 'desc' }],
    take: maxWindows,
  });
  return rows.map((row) => toMaintenanceView(row, now));
}

function findWarnings(
  row: MonitorModel & { authProfile: { name: string; archivedAt: Date | null } },
  tool: MonitorPage['tool'],
): Warning[] {
  const problem = toolProblem(row.tool, tool ?? undefined);
  const fit = tool?.active
    ? checkArguments({ tool: row.tool, schema: tool.inputSchema }, objectOf(row.arguments), { field: ['arguments'] })
    : { errors: [] };
  return [
    ...(problem === null ? [] : [{ code: 'monitor_tool_missing', message: problem, field: 'tool' }]),
    ...(row.authProfile.archivedAt === null
      ? []
      : [
          {
            code: 'auth_profile_archived',
            message: `The auth profile "${row.authProfile.name}" is deleted. Choose another one.`,
            field: 'authProfileId',
          },
        ]),
    ...fit.errors.map(({ field, message }) => ({
      code: 'arguments_do_not_fit',
      message: `${field}: ${message}`,
      field,
    })),
  ];
}
