import { addLatencies, type Latencies, noLatencies, percentile } from '../../../domain/monitor/latency.ts';
import { dayMs } from '../../../domain/values/time.ts';
import type { Db } from '../../../infra/db/index.ts';
import { type CheckSum, sumChecksByTime } from '../../../infra/db/queries/check-sums.ts';
import { sumPassDays } from '../../../infra/db/queries/home.ts';
import { sumCostByDay } from '../../../infra/db/queries/usage.ts';
import { addCounts, getUptime, noChecks } from '../../monitor/reading/uptime.ts';
import type { OutcomeCounts } from '../../monitor/reading/view.ts';

/** Days (UTC) of each figure's line. */
const shownDays = 14;

/** A figure of the range, the same of the range before, and of each day up to today; null without data. */
export type Figure = { value: number | null; previous: number | null; days: { day: string; value: number | null }[] };

export type HomeFigures = {
  /** 0 to 1: pass ÷ (pass + partial + fail) of runs. */
  passRate: Figure;
  /** 0 to 1: checks that passed, degraded ones too. */
  uptime: Figure;
  /** Milliseconds, of the checks that got an answer. */
  p95LatencyMs: Figure;
  /** US dollars that runs have cost, of those whose price is known. A day without runs cost nothing. */
  cost: Figure;
};

/** The figures of the last `days` days (UTC), today included, from the roll-ups only. */
export async function readFigures(
  db: Db,
  { orgId, days, now }: { orgId: string; days: number; now: Date },
): Promise<HomeFigures> {
  const today = Math.floor(now.getTime() / dayMs);
  const first = today - Math.max(shownDays, 2 * days) + 1;
  const since = new Date(first * dayMs);
  const [passDays, checkDays, costDays] = await Promise.all([
    sumPassDays(db, { orgId, since }),
    sumChecksByTime(db, { orgId, since, by: 'day' }),
    sumCostByDay(db, { orgId, since }),
  ]);
  const toFigure = <Row extends { at: Date }>(
    rows: readonly Row[],
    read: (rows: readonly Row[]) => number | null,
  ): Figure => {
    const from = (start: number, end: number) => rows.filter(({ at }) => inDays(at, start, end));
    return {
      value: read(from(today - days + 1, today)),
      previous: read(from(today - 2 * days + 1, today - days)),
      days: Array.from({ length: shownDays }, (_, index) => {
        const day = today - shownDays + 1 + index;
        return { day: new Date(day * dayMs).toISOString(), value: read(from(day, day)) };
      }),
    };
  };
  return {
    passRate: toFigure(passDays, (rows) => ratio(sum(rows, 'pass'), sum(rows, 'graded'))),
    uptime: toFigure(checkDays, readUptime),
    p95LatencyMs: toFigure(checkDays, readP95),
    cost: toFigure(costDays, (rows) => sum(rows, 'cost')),
  };
}

const inDays = (day: Date, start: number, end: number): boolean => {
  const number = Math.floor(day.getTime() / dayMs);
  return number >= start && number <= end;
};

const sum = <Key extends string>(rows: readonly { [key in Key]: number }[], key: Key): number =>
  rows.reduce((total, row) => total + row[key], 0);

const ratio = (part: number, all: number): number | null => (all === 0 ? null : part / all);

const readP95 = (rows: readonly CheckSum[]): number | null =>
  percentile(rows.reduce<Latencies>(addLatencies, noLatencies), 0.95);

const readUptime = (rows: readonly CheckSum[]): number | null =>
  getUptime(rows.reduce<OutcomeCounts>(addCounts, noChecks)).uptime;
