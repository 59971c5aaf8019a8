import { z } from 'zod';
import { percentile } from '../../../domain/monitor/latency.ts';
import { givenId } from '../../../domain/values/id.ts';
import { dayMs, hourMs } from '../../../domain/values/time.ts';
import { type CheckSum, sumChecksByTime } from '../../../infra/db/queries/check-sums.ts';
import { useCase } from '../../context/use-case.ts';
import { getUptime, toCounts } from '../../monitor/reading/uptime.ts';
import { requireServer } from '../errors.ts';
import { countChecks, countFailed, latencyMs, loadToolFigures, toolFigures } from './tool-figures.ts';

const buckets = {
  '24h': { by: 'hour', ms: hourMs, count: 24 },
  '7d': { by: 'day', ms: dayMs, count: 7 },
  '30d': { by: 'day', ms: dayMs, count: 30 },
} as const;

const share = z.number().nullable().describe('0 to 1; null without checks.');

export const serverFigures = z.object({
  since: z.iso.datetime(),
  bucketSeconds: z.int(),
  points: z
    .array(
      z.object({
        at: z.iso.datetime(),
        uptime: share,
        p50: latencyMs,
        p95: latencyMs,
        checks: z.int(),
        failedChecks: z.int(),
      }),
    )
    .describe('Every hour of 24h, every day (UTC) of 7d and 30d; the current one last.'),
  tools: z
    .array(toolFigures)
    .describe(
      "Checks and calls of the last 7 days (UTC), calls of the server's 50 latest runs. Tools without any are left out.",
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
    const [sums, tools] = await Promise.all([
      sumChecksByTime(db, { ...ofServer, by, since }),
      loadToolFigures(db, { ...ofServer, at }),
    ]);
    const byTime = new Map(sums.map((sum) => [sum.at.getTime(), sum]));
    return {
      since: since.toISOString(),
      bucketSeconds: ms / 1000,
      points: Array.from({ length: count }, (_, index) => toPoint(first + index * ms, byTime.get(first + index * ms))),
      tools,
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
    failedChecks: sum ? countFailed(sum) : 0,
  };
}
