import {
  Area,
  CartesianGrid,
  ComposedChart,
  Line,
  ReferenceArea,
  ResponsiveContainer,
  Scatter,
  Tooltip,
  XAxis,
  YAxis,
} from 'recharts';
import { duration } from '../../../ui/time.tsx';
import { percent } from '../badge.tsx';
import { type ChartProps, ceiling, countFailures, type LatencyPoint } from './points.ts';

const day = 86_400_000;

/** The chart with axes and figures at the pointer. Loaded only in the browser. */
export function LiveChart({ points, windows, from, to }: ChartProps) {
  const [start, end] = [Date.parse(from), Date.parse(to)];
  const measured = (point: LatencyPoint | undefined) => point !== undefined && point.p95 !== null;
  const data = points.map((point, index) => ({
    ...point,
    time: Date.parse(point.at),
    failed: countFailures(point.counts) > 0 ? 0 : null,
    // A line needs two points, so one between gaps is drawn as a dot.
    lone: measured(point) && !measured(points[index - 1]) && !measured(points[index + 1]),
  }));
  const format = new Intl.DateTimeFormat(
    undefined,
    end - start <= 2 * day ? { hour: '2-digit', minute: '2-digit' } : { day: 'numeric', month: 'short' },
  );
  return (
    <ResponsiveContainer width="100%" height="100%">
      <ComposedChart data={data} margin={{ top: 6, right: 8, bottom: 0, left: 0 }} accessibilityLayer={false}>
        <CartesianGrid vertical={false} stroke="var(--line)" />
        <XAxis
          dataKey="time"
          type="number"
          scale="time"
          domain={[start, end]}
          {...(end - start > 2 * day && { ticks: midnights(start, end) })}
          allowDataOverflow
          tickFormatter={(time: number) => format.format(time)}
          minTickGap={48}
          stroke="var(--muted)"
          tickLine={false}
          axisLine={{ stroke: 'var(--line)' }}
        />
        <YAxis
          width={64}
          domain={[0, ceiling(points)]}
          tickFormatter={(ms: number) => duration(ms)}
          stroke="var(--muted)"
          tickLine={false}
          axisLine={false}
        />
        {windows.map(({ startsAt, endsAt }) => (
          <ReferenceArea
            key={startsAt}
            x1={Math.max(start, Date.parse(startsAt))}
            x2={Math.min(end, Date.parse(endsAt))}
            fill="var(--line)"
            fillOpacity={0.7}
            ifOverflow="hidden"
          />
        ))}
        <Tooltip content={Figures} isAnimationActive={false} cursor={{ stroke: 'var(--field)' }} />
        <Area
          dataKey="p95"
          stroke="var(--accent)"
          strokeOpacity={0.4}
          fill="var(--accent-soft)"
          fillOpacity={0.7}
          isAnimationActive={false}
          dot={LoneDot}
        />
        <Line dataKey="p50" stroke="var(--accent)" strokeWidth={2} dot={LoneDot} isAnimationActive={false} />
        <Scatter dataKey="failed" fill="var(--fail)" isAnimationActive={false} />
      </ComposedChart>
    </ResponsiveContainer>
  );
}

/** About ten ticks at most, at the reader's own days. */
function midnights(start: number, end: number): number[] {
  const step = Math.ceil((end - start) / (10 * day));
  const first = new Date(start);
  first.setHours(24, 0, 0, 0);
  const found: number[] = [];
  for (const at = first; at.getTime() < end; at.setDate(at.getDate() + step)) found.push(at.getTime());
  return found;
}

type Datum = LatencyPoint & { time: number; lone: boolean };

function LoneDot({ cx, cy, payload }: { cx?: number; cy?: number; payload?: Datum }) {
  return payload?.lone && cx !== undefined && cy !== undefined ? (
    <circle cx={cx} cy={cy} r={3} fill="var(--accent)" />
  ) : (
    <g />
  );
}

function Figures({ active, payload }: { active?: boolean; payload?: readonly { payload?: Datum }[] }) {
  const point = payload?.[0]?.payload;
  if (!active || !point) return null;
  const { counts, p50, p95, uptime, time } = point;
  const failures = countFailures(counts);
  const lines = [
    ...(p50 === null ? [] : [`p50 ${duration(p50)}`]),
    ...(p95 === null ? [] : [`p95 ${duration(p95)}`]),
    `${counts.pass + counts.degraded + failures} checks, uptime ${percent(uptime)}`,
    ...(failures > 0 ? [`${failures} did not pass`] : []),
    ...(counts.degraded > 0 ? [`${counts.degraded} degraded`] : []),
    ...(counts.inMaintenance > 0 ? [`${counts.inMaintenance} in maintenance`] : []),
  ];
  return (
    <div className="rounded-md border border-line bg-surface px-3 py-2 shadow-sm">
      <p className="font-semibold">
        {new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'short' }).format(time)}
      </p>
      {lines.map((line) => (
        <p key={line} className="text-muted">
          {line}
        </p>
      ))}
    </div>
  );
}
