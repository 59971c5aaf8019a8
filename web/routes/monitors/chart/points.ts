type Counts = {
  pass: number;
  degraded: number;
  fail: number;
  error: number;
  notReached: number;
  inMaintenance: number;
};
export type LatencyPoint = {
  at: string;
  uptime: number | null;
  p50: number | null;
  p95: number | null;
  counts: Counts;
};
/** A maintenance window. */
export type Span = { startsAt: string; endsAt: string };
export type ChartProps = { points: LatencyPoint[]; windows: Span[]; from: string; to: string };

export const countFailures = ({ fail, error }: Counts) => fail + error;

/** The upper end of the axis: the highest value, rounded up to a round figure. */
export function ceiling(points: LatencyPoint[]): number {
  const highest = Math.max(1, ...points.map(({ p50, p95 }) => Math.max(p50 ?? 0, p95 ?? 0)));
  const size = 10 ** Math.floor(Math.log10(highest));
  return (([1, 2, 4, 5, 10] as const).find((step) => step * size >= highest) ?? 10) * size;
}
