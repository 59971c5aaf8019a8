import { addLatencies, type Latencies, noLatencies, percentile } from '../../../domain/monitor/latency.ts';
import { dayMs, hourMs } from '../../../domain/values/time.ts';
import type { Db } from '../../../infra/db/index.ts';
import { addCounts, getUptime, noChecks, toCounts } from './uptime.ts';
import type { ChartPoint, OutcomeCounts, UptimeView } from './view.ts';

export type Range = '24h' | '7d' | '30d';
const buckets = {
  '24h': { ms: hourMs, count: 24 },
  '7d': { ms: hourMs, count: 7 * 24 },
  '30d': { ms: dayMs, count: 30 },
} as const;

export type Figures = {
  /** Start of the first bucket. */
  since: string;
  bucketSeconds: number;
  uptime: UptimeView;
  /** Milliseconds, of the checks that got an answer; null without any. */
  latency: { p50: number | null; p95: number | null; p99: number | null };
  /** Every bucket of the range, the current one last. */
  points: ChartPoint[];
};

/** A monitor's figures for a range, from the roll-ups only: hours up to a week, days (UTC) beyond. */
export async function getFigures(
  db: Db,
  { orgId, monitorId, range, now }: { orgId: string; monitorId: string; range: Range; now: Date },
): Promise<Figures> {
  const { ms, count } = buckets[range];
  const last = Math.floor(now.getTime() / ms) * ms;
  const since = new Date(last - (count - 1) * ms);
  const rows =
    ms === hourMs ? await findHours(db, { orgId, monitorId, since }) : await findDays(db, { orgId, monitorId, since });
  const byTime = new Map(rows.map((row) => [row.at.getTime(), row]));
  const points = Array.from({ length: count }, (_, index): ChartPoint => {
    const time = since.getTime() + index * ms;
    const row = byTime.get(time);
    const counts = row ? toCounts(row) : noChecks;
    return {
      at: new Date(time).toISOString(),
      uptime: getUptime(counts).uptime,
      p50: row ? percentile(row, 0.5) : null,
      p95: row ? percentile(row, 0.95) : null,
      counts,
    };
  });
  const latency = rows.reduce<Latencies>(addLatencies, noLatencies);
  return {
    since: since.toISOString(),
    bucketSeconds: ms / 1000,
    uptime: getUptime(rows.reduce<OutcomeCounts>((sum, row) => addCounts(sum, row), noChecks)),
    latency: { p50: percentile(latency, 0.5), p95: percentile(latency, 0.95), p99: percentile(latency, 0.99) },
    points,
  };
}

type RollUpQuery = { orgId: string; monitorId: string; since: Date };
type RollUp = OutcomeCounts & Latencies & { at: Date };

async function findHours(db: Db, { orgId, monitorId, since }: RollUpQuery): Promise<RollUp[]> {
  const rows = await db.checkHour.findMany({ where: { orgId, monitorId, hour: { gte: since } } });
  return rows.map(({ hour, ...row }) => ({ ...row, at: hour }));
}

async function findDays(db: Db, { orgId, monitorId, since }: RollUpQuery): Promise<RollUp[]> {
  const rows = await db.checkDay.findMany({ where: { orgId, monitorId, day: { gte: since } } });
  return rows.map(({ day, ...row }) => ({ ...row, at: day }));
}
