import { z } from 'zod';
import { checkErrorKinds, checkOutcomes } from '../../../domain/monitor/monitor.ts';
import { givenId } from '../../../domain/values/id.ts';
import { dayMs } from '../../../domain/values/time.ts';
import { findChecks } from '../../../infra/db/queries/check.ts';
import { answerBytes, maxPageBytes } from '../../context/answer-size.ts';
import { fitPage, readCursor, toPage } from '../../context/pagination.ts';
import { useCase } from '../../context/use-case.ts';
import { getMonitor } from './get.ts';
import { checkView } from './view.ts';

const check = z.object({
  at: z.iso.datetime(),
  outcome: z.enum(checkOutcomes),
  errorKind: z.enum(checkErrorKinds).nullable(),
  latencyMs: z.int().nullable(),
  excerpt: z.string().nullable().describe('Beginning of the result or error.'),
  degradedBy: z.array(z.string()),
  maintenance: z.boolean(),
});
type Check = z.infer<typeof check>;

const incident = z.object({
  incidentId: z.uuid(),
  level: z.string(),
  summary: z.string(),
  openedAt: z.iso.datetime(),
  closedAt: z.iso.datetime().nullable(),
  failureCount: z.int(),
});

export const describeMonitorOutput = z.object({
  monitor: z.object({
    monitorId: z.uuid(),
    name: z.string(),
    serverId: z.uuid(),
    serverName: z.string(),
    tool: z.string(),
    arguments: z.looseObject({}),
    intervalSeconds: z.int(),
    state: z.string(),
  }),
  health: z
    .looseObject({ outcome: z.enum(checkOutcomes), since: z.iso.datetime(), consecutiveFailures: z.int() })
    .nullable()
    .describe('By the latest check; null before the first.'),
  uptime24h: z.number().nullable().describe('0 to 1.'),
  lastError: check.nullable().describe('The latest check that failed.'),
  incident: incident.nullable().describe('The open one, otherwise the latest.'),
  warnings: z.array(z.object({ code: z.string(), message: z.string() })),
  checks: z.array(check).describe('Newest first.'),
  nextCursor: z.string().nullable(),
});

/**
 * A monitor for an agent: how it does, why it fails, and its checks in pages, as far back as they are kept.
 * @throws ArmatureError `monitor_not_found`
 */
export const describeMonitor = useCase({
  name: 'monitor.describe',
  access: 'viewer',
  input: z.object({
    monitorId: givenId.describe('From failingMonitors of get_org_health.'),
    limit: z.int().min(1).max(100).default(20).describe('Number of checks.'),
    cursor: z.string().max(500).optional().describe('nextCursor of the page before.'),
  }),
  async run(
    { db, orgId, ctx, now, config },
    { monitorId, limit, cursor },
  ): Promise<z.infer<typeof describeMonitorOutput>> {
    const after = readCursor(cursor, z.string().max(200));
    const { monitor, server, health, incidents, uptime, warnings } = await getMonitor(ctx, { monitorId, range: '24h' });
    const at = now().getTime();
    const kept = {
      orgId,
      monitorId,
      from: new Date(at - (config.checkRetentionDays + 1) * dayMs),
      to: new Date(at + dayMs),
    };
    const [rows, [failed]] = await Promise.all([
      findChecks(db, { ...kept, after: after && { scheduledAt: after.createdAt, key: after.id }, limit: limit + 1 }),
      findChecks(db, { ...kept, outcome: 'failing', limit: 1 }),
    ]);
    const { items, nextCursor } = toPage(rows, limit, ({ scheduledAt, key }) => ({ createdAt: scheduledAt, id: key }));
    const shown = incidents.find(({ closedAt }) => closedAt === null) ?? incidents[0];
    const header = {
      monitor: {
        monitorId,
        name: monitor.name,
        serverId: server.id,
        serverName: server.name,
        tool: monitor.tool,
        arguments: monitor.arguments,
        intervalSeconds: monitor.intervalSeconds,
        state: monitor.state,
      },
      health,
      uptime24h: uptime.uptime,
      lastError: failed ? toCheck(failed) : null,
      incident: shown
        ? {
            incidentId: shown.id,
            level: shown.level,
            summary: shown.summary,
            openedAt: shown.openedAt,
            closedAt: shown.closedAt,
            failureCount: shown.failureCount,
          }
        : null,
      warnings: warnings.map(({ code, message }) => ({ code, message })),
    };
    const page = fitPage(
      { entries: items, nextCursor, room: maxPageBytes - answerBytes(header) },
      ({ scheduledAt, key }) => ({ createdAt: scheduledAt, id: key }),
    );
    return { ...header, checks: page.entries.map(toCheck), nextCursor: page.nextCursor };
  },
});

function toCheck(row: Parameters<typeof checkView>[0]): Check {
  const { at, outcome, errorKind, latencyMs, excerpt, degradedBy, maintenance } = checkView(row);
  return { at, outcome, errorKind, latencyMs, excerpt, degradedBy, maintenance };
}
