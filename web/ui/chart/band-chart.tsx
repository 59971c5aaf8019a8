import type { ReactNode } from 'react';
import { useFormat } from '../../shell/reader-provider.tsx';
import { ChartFrame, TimeAxis } from './frame.tsx';
import { ceiling, spread, stretches } from './scale.ts';
import { useCursor } from './use-cursor.ts';

export type BandPoint = {
  at: string;
  /** Null where nothing was measured: the line has a gap there. */
  line: number | null;
  /** Upper edge of the band; it begins at 0. */
  band: number | null;
  /** Failures in this interval: a mark on the time axis, never a value. */
  failures: number;
  /** The exact figures, shown while the point is inspected. */
  figures: string;
};

const [width, height] = [1000, 200] as const;
const twoDays = 2 * 86_400_000;

/**
 * A line with a band over time, such as p50 and p95. Drawn by the server; figures on hover, touch and by arrow keys.
 * @param props.label what it shows in one sentence: "Latency over time. The slowest p95 is 3 s. No check failed."
 * @param props.names of line, band and failures, for the legend
 * @param props.spans times that are shaded, such as maintenance
 * @param props.value formats a value of the axis
 * @param props.table the same figures as a table
 */
export function BandChart({
  label,
  names,
  points,
  spans = [],
  from,
  to,
  value,
  table,
}: {
  label: string;
  names: { line: string; band: string; failures: string; spans?: string };
  points: BandPoint[];
  spans?: { startsAt: string; endsAt: string }[];
  from: string;
  to: string;
  value: (value: number) => string;
  table?: ReactNode;
}) {
  const format = useFormat();
  const [start, end] = [Date.parse(from), Date.parse(to)];
  const place = (at: string) => Math.min(1, Math.max(0, (Date.parse(at) - start) / (end - start || 1)));
  const top = ceiling(points.flatMap(({ line, band }) => [line ?? 0, band ?? 0]));
  const figuresAt = (point: BandPoint | undefined) => (point ? `${format.dateTime(point.at)}: ${point.figures}` : '');
  const cursor = useCursor({
    places: points.map(({ at }) => place(at)),
    label,
    textAt: (index) => figuresAt(points[index]),
  });
  const isShort = end - start <= twoDays;
  return (
    <ChartFrame
      legend={[
        { mark: 'h-0.5 w-4 bg-accent', text: names.line },
        { mark: 'h-2.5 w-4 rounded-xs bg-accent/20', text: names.band },
        ...(points.some(({ failures }) => failures > 0) ? [{ mark: 'h-2.5 w-1 bg-fail', text: names.failures }] : []),
        ...(spans.length > 0 && names.spans ? [{ mark: 'h-2.5 w-4 rounded-xs bg-line', text: names.spans }] : []),
      ]}
      figures={cursor.index === null ? null : figuresAt(points[cursor.index])}
      table={table}
    >
      <div className="flex gap-2">
        <div aria-hidden="true" className="flex h-48 w-12 shrink-0 flex-col justify-between text-right text-muted">
          <span>{value(top)}</span>
          <span>{value(top / 2)}</span>
          <span>0</span>
        </div>
        <div className="min-w-0 flex-1">
          <div {...cursor.wired} className="relative h-48">
            <Drawing points={points} spans={spans} place={place} top={top} cursor={cursor.place} />
          </div>
          <TimeAxis
            ticks={spread(points, 4).map(({ at }) => ({
              place: place(at),
              text: isShort ? format.time(at) : format.day(at),
            }))}
          />
        </div>
      </div>
    </ChartFrame>
  );
}

type DrawingProps = {
  points: BandPoint[];
  spans: { startsAt: string; endsAt: string }[];
  place: (at: string) => number;
  top: number;
  cursor: number | null;
};

function Drawing({ points, spans, place, top, cursor }: DrawingProps) {
  const x = (at: string) => place(at) * width;
  const y = (value: number) => height - (value / top) * height;
  const path = (of: 'line' | 'band') =>
    stretches(points, ({ [of]: value }) => value !== null).map((stretch) =>
      stretch.map(({ at, [of]: value }) => `${x(at)},${y(value ?? 0)}`),
    );
  return (
    <svg
      viewBox={`0 0 ${width} ${height}`}
      preserveAspectRatio="none"
      aria-hidden="true"
      className="h-full w-full overflow-visible [&_*]:[vector-effect:non-scaling-stroke]"
    >
      {[0, 0.5, 1].map((share) => (
        <line key={share} x1="0" x2={width} y1={height * share} y2={height * share} className="stroke-line" />
      ))}
      {spans.map(({ startsAt, endsAt }) => (
        <rect
          key={startsAt}
          x={x(startsAt)}
          width={Math.max(2, x(endsAt) - x(startsAt))}
          y="0"
          height={height}
          className="fill-line/60"
        />
      ))}
      {path('band').map((corners) => {
        const [first = '', last = ''] = [corners[0], corners.at(-1)];
        const [left = '', right = ''] = [first.split(',')[0], last.split(',')[0]];
        return (
          <polygon
            key={first}
            points={`${left},${height} ${corners.join(' ')} ${right},${height}`}
            strokeWidth={corners.length === 1 ? 4 : 0}
            className="fill-accent/20 stroke-accent/30"
          />
        );
      })}
      {path('line').map((corners) => (
        <polyline
          key={corners[0]}
          // A line of one point has no length, and shows as a dot by its round ends.
          points={corners.length === 1 ? `${corners[0]} ${corners[0]}` : corners.join(' ')}
          fill="none"
          strokeWidth={corners.length === 1 ? 6 : 1.5}
          strokeLinecap="round"
          strokeLinejoin="round"
          className="stroke-accent"
        />
      ))}
      {points
        .filter(({ failures }) => failures > 0)
        .map(({ at }) => (
          <line
            key={at}
            x1={x(at)}
            x2={x(at)}
            y1={height - 8}
            y2={height + 4}
            strokeWidth="3"
            className="stroke-fail"
          />
        ))}
      {cursor === null ? null : (
        <line x1={cursor * width} x2={cursor * width} y1="0" y2={height} className="stroke-field" />
      )}
    </svg>
  );
}
