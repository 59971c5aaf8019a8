import type { ChartPoint } from '../../../../services/monitor/reading/view.ts';

/** Noon is in the same day for nearly every reader. */
const toNoon = (day: string): string => new Date(Date.parse(day) + 43_200_000).toISOString();

/** The days of a monitor as its uptime bar shows them, and the uptime of all of them. */
export function toMonth(points: ChartPoint[]) {
  const days = points.map(({ at, uptime, counts: { pass, degraded, fail, error } }) => {
    const failed = fail + error;
    const checks = pass + degraded + failed;
    const worst = failed > 0 ? ('fail' as const) : degraded > 0 ? ('partial' as const) : ('pass' as const);
    return { at: toNoon(at), uptime, checks, failed, status: checks === 0 ? null : worst };
  });
  const [checks, failed] = [sum(days, 'checks'), sum(days, 'failed')];
  return { days, uptime: checks === 0 ? null : (checks - failed) / checks };
}

const sum = (days: { checks: number; failed: number }[], key: 'checks' | 'failed'): number =>
  days.reduce((total, day) => total + day[key], 0);
