import type { CheckErrorKind } from '../../domain/monitor/monitor.ts';
import type { Tool } from '../../infra/mcp-target/index.ts';
import type { Deps } from '../context/context.ts';
import type { Standing } from './fair-queue.ts';
import { isAnswer } from './recorder.ts';
import type { CheckedMonitor } from './result.ts';

export type DueMonitor = CheckedMonitor & { standing: Standing };
type Found = DueMonitor & { isDone: boolean; errorKind: CheckErrorKind | null };

/**
 * The active monitors of a server and interval that have no check of this tick yet, in the order in which they should have their turns:
 * those that were healthy, those not known, those that failed; the least recently checked first. `answered`: whether the server answered
 * one that an earlier attempt has written.
 */
export async function dueMonitors(
  { db }: Pick<Deps, 'db'>,
  tick: { orgId: string; serverId: string; intervalSeconds: number; scheduledAt: Date },
): Promise<{ due: DueMonitor[]; answered: boolean }> {
  const { orgId, serverId, intervalSeconds, scheduledAt } = tick;
  const found = await db.$queryRaw<Found[]>`
    SELECT m."id", m."name", m."tool", m."arguments", m."authProfileId", m."timeoutSeconds", m."degradedAboveMs", m."assertions",
      m."storeResults",
      CASE WHEN h."outcome" IS NULL THEN 'unknown' WHEN h."outcome" IN ('pass', 'degraded') THEN 'healthy' ELSE 'failing' END AS standing,
      c."monitorId" IS NOT NULL AS "isDone", c."errorKind"
    FROM "Monitor" m LEFT JOIN "MonitorHealth" h ON h."orgId" = m."orgId" AND h."monitorId" = m."id"
      LEFT JOIN "Check" c
        ON c."monitorId" = m."id" AND c."scheduledAt" = ${scheduledAt.toISOString()}::timestamptz AND c."key" = ''
    WHERE m."orgId" = ${orgId}::uuid AND m."serverId" = ${serverId}::uuid AND m."intervalSeconds" = ${intervalSeconds}::int
      AND m."state" = 'active'
    ORDER BY CASE WHEN h."outcome" IS NULL THEN 1 WHEN h."outcome" IN ('pass', 'degraded') THEN 0 ELSE 2 END,
      h."checkedAt", m."id"`;
  const [done, due] = [found.filter(({ isDone }) => isDone), found.filter(({ isDone }) => !isDone)];
  return { due, answered: done.some(isAnswer) };
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
