import { percentile } from '../../../domain/monitor/latency.ts';
import type { CheckOutcome } from '../../../domain/monitor/monitor.ts';
import { hourMs } from '../../../domain/values/time.ts';
import type { Db } from '../../../infra/db/index.ts';
import { useCase } from '../../context/use-case.ts';
import { listMonitorsInput } from '../schema.ts';
import { listMonitors } from './list.ts';
import type { MonitorRow, MonitorTotals } from './view.ts';

const hoursShown = 24;

/** The last 24 hours, the current one last. */
export type MonitorHours = {
  /** The worst outcome of each hour; null where no check counts. */
  outcomes: (CheckOutcome | null)[];
  /** The median of each hour in ms; null without an answer. */
  latencies: (number | null)[];
};

/** The monitors of the workspace as `listMonitors` lists them, each with its last 24 hours. */
export const listMonitorsWithHours = useCase({
  name: 'monitor.list_with_hours',
  access: 'viewer',
  input: listMonitorsInput,
  async run(
    { ctx, db, orgId, now },
    filters,
  ): Promise<{ monitors: (MonitorRow & MonitorHours)[]; nextCursor: string | null; totals: MonitorTotals }> {
    const list = await listMonitors(ctx, filters);
    const hours = await readHours(db, { orgId, monitorIds: list.monitors.map(({ id }) => id), now: now() });
    return { ...list, monitors: list.monitors.map((row) => ({ ...row, ...hours(row.id) })) };
  },
});

async function readHours(
  db: Db,
  { orgId, monitorIds, now }: { orgId: string; monitorIds: string[]; now: Date },
): Promise<(monitorId: string) => MonitorHours> {
  const first = (Math.floor(now.getTime() / hourMs) - hoursShown + 1) * hourMs;
  const rows = await db.checkHour.findMany({
    where: { orgId, monitorId: { in: monitorIds }, hour: { gte: new Date(first) } },
  });
  const known = new Map(rows.map((row) => [`${row.monitorId} ${row.hour.getTime()}`, row]));
  return (monitorId) => {
    const hours = Array.from({ length: hoursShown }, (_, index) => known.get(`${monitorId} ${first + index * hourMs}`));
    return {
      outcomes: hours.map((hour) => (hour ? findWorst(hour) : null)),
      latencies: hours.map((hour) => (hour ? percentile(hour, 0.5) : null)),
    };
  };
}

const findWorst = (hour: { [outcome in CheckOutcome]: number }): CheckOutcome | null =>
  (['error', 'fail', 'degraded', 'pass'] as const).find((outcome) => hour[outcome] > 0) ?? null;
