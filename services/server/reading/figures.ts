import { z } from 'zod';
import { percentile } from '../../../domain/monitor/latency.ts';
import { givenId } from '../../../domain/values/id.ts';
import { dayMs, hourMs } from '../../../domain/values/time.ts';
import { type CheckSum, sumChecksByTime, sumChecksByTool } from '../../../infra/db/queries/check-sums.ts';
import { useCase } from '../../context/use-case.ts';
import { loadWindows } from '../../coverage/facts.ts';
import { getUptime, toCounts } from '../../monitor/reading/uptime.ts';
import { requireServer } from '../errors.ts';

const buckets = {
  '24h': { by: 'hour', ms: hourMs, count: 24 },
  '7d': { by: 'day', ms: dayMs, count: 7 },
  '30d': { by: 'day', ms: dayMs, count: 30 },
} as const;
/** Days (UTC) of the tools' checks, today included. */
const toolDays = 7;
const maxChanges = 500;

const share = z.number().nullable().describe('0 to 1; null without checks.');
const latencyMs = z.int().nullable().describe('Milliseconds, of checks that got an answer.');

export const serverFigures = z.object({
  since: z.iso.datetime(),
  bucketSeconds: z.int(),
  points: z
    .array(z.object({ at: z.iso.datetime(), uptime: share, p50: latencyMs, p95: latencyMs, checks: z.int() }))
    .describe('Every hour of 24h, every day (UTC) of 7d and 30d; the current one last.'),
  tools: z
    .array(
      z.object({
        tool: z.string(),
        checks: z.int(),
        failedChecks: z.int(),
        p95: latencyMs,
        calls: z.int(),
        failedCalls: z.int(),
        changedAt: z.iso.datetime().nullable(),
      }),
    )
    .describe(
      "Checks of the last 7 days (UTC), and calls of the server's 50 latest runs. Tools without any are left out.",
    ),
});

/**
 * How the monitors of a server did, by time and by tool, and how its tools did in runs. From roll-ups only.
 * @throws ArmatureError `mcp_server_not_found`
 */
export const getServerFigures = useCase({
  name: 'server.figures',
  access: 'viewer',
  input: z.object({ serverId: givenId, range: z.enum(['24h', '7d', '30d']).default('24h') }),
  async run({ db, orgId, now }, { serverId, range }): Promise<z.infer<typeof serverFigures>> {
    const { by, ms, count } = buckets[range];
    const at = now().getTime();
    const first = (Math.floor(at / ms) - count + 1) * ms;
    const since = new Date(first);
    const ofServer = { orgId, serverId };
    await requireServer(db, { orgId, id: serverId });
    const [sums, byTool, windows, changes] = await Promise.all([
      sumChecksByTime(db, { ...ofServer, by, since }),
      sumChecksByTool(db, { ...ofServer, since: new Date((Math.floor(at / dayMs) - toolDays + 1) * dayMs) }),
      loadWindows(db, { orgId, serverIds: [serverId] }),
      db.toolChange.findMany({
        where: ofServer,
        orderBy: [{ seenAt: 'desc' }, { id: 'desc' }],
        take: maxChanges,
        select: { tool: true, seenAt: true },
      }),
    ]);
    const byTime = new Map(sums.map((sum) => [sum.at.getTime(), sum]));
    return {
      since: since.toISOString(),
      bucketSeconds: ms / 1000,
      points: Array.from({ length: count }, (_, index) => toPoint(first + index * ms, byTime.get(first + index * ms))),
      tools: toToolFigures(byTool, windows.get(serverId)?.runs ?? [], changes),
    };
  },
});

function toPoint(at: number, sum: CheckSum | undefined) {
  return {
    at: new Date(at).toISOString(),
    uptime: sum ? getUptime(toCounts(sum)).uptime : null,
    p50: sum ? percentile(sum, 0.5) : null,
    p95: sum ? percentile(sum, 0.95) : null,
    checks: sum ? countChecks(sum) : 0,
  };
}

const countChecks = ({ pass, degraded, fail, error }: CheckSum): number => pass + degraded + fail + error;

type Called = { tools: { tool: string; calls: number; failed: number }[] };

function toToolFigures(
  sums: readonly (CheckSum & { tool: string })[],
  runs: readonly Called[],
  changes: readonly { tool: string; seenAt: Date }[],
): z.infer<typeof serverFigures>['tools'] {
  const checks = new Map(sums.map((sum) => [sum.tool, sum]));
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
      failedChecks: sum ? sum.fail + sum.error : 0,
      p95: sum ? percentile(sum, 0.95) : null,
      calls: called.reduce((total, row) => total + row.calls, 0),
      failedCalls: called.reduce((total, row) => total + row.failed, 0),
      changedAt: changed.get(tool)?.toISOString() ?? null,
    };
  });
}
