import type { Tool } from '../../infra/mcp-target/index.ts';
import type { Deps } from '../context.ts';
import type { CheckedMonitor } from './row.ts';
import type { Standing } from './turns.ts';

export type DueMonitor = CheckedMonitor & { standing: Standing };

/**
 * The active monitors of a server and interval that have no check of this tick yet, in the order in which they should have their turns:
 * those that were healthy, those not known, those that failed; the least recently checked first.
 */
export async function dueMonitors(
  { db }: Pick<Deps, 'db'>,
  tick: { orgId: string; serverId: string; intervalSeconds: number; scheduledAt: Date },
): Promise<DueMonitor[]> {
  const { orgId, serverId, intervalSeconds, scheduledAt } = tick;
  return await db.$queryRaw<DueMonitor[]>`
    SELECT m."id", m."name", m."tool", m."arguments", m."authProfileId", m."timeoutSeconds", m."degradedAboveMs", m."assertions",
      m."storeResults",
      CASE WHEN h."outcome" IS NULL THEN 'unknown' WHEN h."outcome" IN ('pass', 'degraded') THEN 'healthy' ELSE 'failing' END AS standing
    FROM "Monitor" m LEFT JOIN "MonitorHealth" h ON h."orgId" = m."orgId" AND h."monitorId" = m."id"
    WHERE m."orgId" = ${orgId}::uuid AND m."serverId" = ${serverId}::uuid AND m."intervalSeconds" = ${intervalSeconds}::int
      AND m."state" = 'active'
      AND NOT EXISTS (SELECT FROM "Check" c
        WHERE c."monitorId" = m."id" AND c."scheduledAt" = ${scheduledAt.toISOString()}::timestamptz AND c."key" = '')
    ORDER BY CASE WHEN h."outcome" IS NULL THEN 1 WHEN h."outcome" IN ('pass', 'degraded') THEN 0 ELSE 2 END,
      h."checkedAt", m."id"`;
}

/** Those of the tools that ask for arguments in HTTP headers, which the client can't know without their definition. */
export async function headerTools(
  { db }: Pick<Deps, 'db'>,
  { orgId, serverId, tools }: { orgId: string; serverId: string; tools: readonly string[] },
): Promise<Tool[]> {
  return await db.$queryRaw<Tool[]>`
    SELECT "name", "inputSchema" FROM "CatalogTool"
    WHERE "orgId" = ${orgId}::uuid AND "serverId" = ${serverId}::uuid AND "name" = ANY(${tools}::text[])
      AND "inputSchema"::text LIKE '%"x-mcp-header"%'`;
}
