import { z } from 'zod';
import { percentile } from '../../../domain/monitor/latency.ts';
import { dayMs } from '../../../domain/values/time.ts';
import type { Db } from '../../../infra/db/index.ts';
import { type CheckSum, sumChecksByTool } from '../../../infra/db/queries/check-sums.ts';
import { loadWindows } from '../../coverage/facts.ts';

/** Days (UTC), today included. */
const toolDays = 7;
const maxChanges = 500;

export const latencyMs = z.int().nullable().describe('Milliseconds, of checks that got an answer.');

export const toolFigures = z.object({
  tool: z.string(),
  checks: z.int(),
  failedChecks: z.int(),
  p95: latencyMs,
  calls: z.int(),
  failedCalls: z.int(),
  changedAt: z.iso.datetime().nullable(),
});
export type ToolFigures = z.infer<typeof toolFigures>;

export const countFailed = ({ fail, error }: CheckSum): number => fail + error;
export const countChecks = ({ pass, degraded, fail, error }: CheckSum): number => pass + degraded + fail + error;

/** How each tool did in checks and runs, and when it last changed, in three queries. Not a use case. */
export async function loadToolFigures(
  db: Db,
  { orgId, serverId, at }: { orgId: string; serverId: string; at: number },
): Promise<ToolFigures[]> {
  const since = new Date((Math.floor(at / dayMs) - toolDays + 1) * dayMs);
  const [sums, windows, changes] = await Promise.all([
    sumChecksByTool(db, { orgId, serverId, since }),
    loadWindows(db, { orgId, serverIds: [serverId] }),
    db.toolChange.findMany({
      where: { orgId, serverId },
      orderBy: [{ seenAt: 'desc' }, { id: 'desc' }],
      take: maxChanges,
      select: { tool: true, seenAt: true },
    }),
  ]);
  const checks = new Map(sums.map((sum) => [sum.tool, sum]));
  const runs = (windows.get(serverId)?.runs ?? []).filter(({ createdAt }) => createdAt >= since.toISOString());
  const calls = Map.groupBy(
    runs.flatMap(({ tools }) => tools),
    ({ tool }) => tool,
  );
  // Newest first, so that the last one that is set is the first change.
  const changed = new Map(changes.toReversed().map(({ tool, seenAt }) => [tool, seenAt]));
  return [...new Set([...checks.keys(), ...calls.keys(), ...changed.keys()])].sort().map((tool) => {
    const sum = checks.get(tool);
    const called = calls.get(tool) ?? [];
    return {
      tool,
      checks: sum ? countChecks(sum) : 0,
      failedChecks: sum ? countFailed(sum) : 0,
      p95: sum ? percentile(sum, 0.95) : null,
      calls: called.reduce((total, row) => total + row.calls, 0),
      failedCalls: called.reduce((total, row) => total + row.failed, 0),
      changedAt: changed.get(tool)?.toISOString() ?? null,
    };
  });
}
