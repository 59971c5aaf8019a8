import { latencyBuckets, toBucket } from '../../domain/monitor/latency.ts';
import { dayMs, hourMs, minuteMs } from '../../domain/values/time.ts';
import type { Demo, DemoMonitor } from './fill.ts';
import { createRandom } from './random.ts';

const days = 60;
const perHour = 12;

export type Outage = { from: Date; until: Date };

/** Hours and days of checks, with an outage of one server nine days ago. @returns when it was */
export async function addCheckHistory(
  { ctx }: Demo,
  monitors: readonly DemoMonitor[],
  outageServerId: string,
): Promise<Outage> {
  const { db, now } = ctx.deps;
  const { orgId } = ctx.actor;
  const thisHour = Math.floor(now().getTime() / hourMs) * hourMs;
  const outage = { from: new Date(thisHour - 9 * dayMs), until: new Date(thisHour - 9 * dayMs + 3 * hourMs) };
  for (const monitor of monitors) {
    const random = createRandom(monitor.name);
    const byDay = new Map<number, ReturnType<typeof sum>>();
    const hours = [];
    for (let at = thisHour - days * dayMs; at < thisHour; at += hourMs) {
      const isOut = monitor.serverId === outageServerId && at >= +outage.from && at < +outage.until;
      const failed = isOut ? perHour : random() < 0.006 ? 1 : 0;
      const pace = Math.sin((at / dayMs) * 2 * Math.PI) * 0.2 + 1;
      const latencies = Array.from(
        { length: perHour - failed },
        () => monitor.typicalMs * pace * (0.8 + random() * 0.5),
      );
      const hour = sum(latencies, { fail: isOut ? 0 : failed, error: isOut ? failed : 0 });
      hours.push({ orgId, monitorId: monitor.id, hour: new Date(at), ...hour });
      const day = Math.floor(at / dayMs) * dayMs;
      const before = byDay.get(day);
      byDay.set(day, before ? merge(before, hour) : hour);
    }
    await db.checkHour.createMany({ data: hours, skipDuplicates: true });
    await db.checkDay.createMany({
      data: [...byDay].map(([day, each]) => ({ orgId, monitorId: monitor.id, day: new Date(day), ...each })),
      skipDuplicates: true,
    });
    // Partitions of checks begin yesterday.
    await db.check.createMany({
      data: Array.from({ length: 12 * perHour }, (_, index) => ({
        orgId,
        monitorId: monitor.id,
        scheduledAt: new Date(thisHour - index * 5 * minuteMs),
        startedAt: new Date(thisHour - index * 5 * minuteMs),
        latencyMs: Math.round(monitor.typicalMs * (0.8 + random() * 0.5)),
        outcome: 'pass',
      })),
      skipDuplicates: true,
    });
  }
  return outage;
}

function sum(latencies: readonly number[], failures: { fail: number; error: number }) {
  const latency = latencyBuckets.map(() => 0);
  for (const ms of latencies) {
    const bucket = toBucket(ms);
    latency[bucket] = (latency[bucket] ?? 0) + 1;
  }
  return {
    pass: latencies.length,
    ...failures,
    latency,
    minMs: latencies.length > 0 ? Math.round(Math.min(...latencies)) : null,
    maxMs: latencies.length > 0 ? Math.round(Math.max(...latencies)) : null,
  };
}

function merge(one: ReturnType<typeof sum>, two: ReturnType<typeof sum>): ReturnType<typeof sum> {
  const known = (...values: (number | null)[]) => values.filter((value) => value !== null);
  const [lows, highs] = [known(one.minMs, two.minMs), known(one.maxMs, two.maxMs)];
  return {
    pass: one.pass + two.pass,
    fail: one.fail + two.fail,
    error: one.error + two.error,
    latency: one.latency.map((count, index) => count + (two.latency[index] ?? 0)),
    minMs: lows.length > 0 ? Math.min(...lows) : null,
    maxMs: highs.length > 0 ? Math.max(...highs) : null,
  };
}
