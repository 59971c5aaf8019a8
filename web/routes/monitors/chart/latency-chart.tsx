import { type ComponentType, useEffect, useState } from 'react';
import { Card } from '../../../ui/card.tsx';
import { cellClass, Table } from '../../../ui/table.tsx';
import { DisclosureIcon } from '../../../ui/text.tsx';
import { duration, Time } from '../../../ui/time.tsx';
import { percent } from '../badge.tsx';
import { type ChartProps, ceiling, countFailures, type LatencyPoint } from './points.ts';

/**
 * Latency over time, with failures and maintenance windows. The server draws a static chart; the interactive one
 * replaces it when its code, which only this page needs, has loaded.
 */
export function LatencyChart(props: ChartProps) {
  const [Live, setLive] = useState<ComponentType<ChartProps> | null>(null);
  useEffect(() => {
    let here = true;
    import('./live-chart.tsx').then(
      ({ LiveChart }) => here && setLive(() => LiveChart),
      // If loading fails, the plain chart and the table stay.
      (error: unknown) => console.warn('the interactive chart could not be loaded', error),
    );
    return () => {
      here = false;
    };
  }, []);
  const measured = props.points.filter(({ p95 }) => p95 !== null);
  const failures = props.points.reduce((sum, { counts }) => sum + countFailures(counts), 0);
  return (
    <Card title="Latency" aside={<Legend windows={props.windows.length > 0} failures={failures > 0} />}>
      {measured.length === 0 && failures === 0 ? (
        <p className="py-8 text-center text-muted">No check in this time.</p>
      ) : (
        <>
          <div
            role="img"
            aria-label={summary(measured, failures)}
            className="h-56 text-xs"
            data-chart={Live ? 'live' : 'plain'}
          >
            {Live ? <Live {...props} /> : <PlainChart {...props} />}
          </div>
          <details className="mt-3">
            <summary className="flex w-fit gap-1 text-muted hover:text-ink">
              <DisclosureIcon /> The figures as a table
            </summary>
            <div className="mt-2 max-h-80 overflow-y-auto">
              <Figures points={props.points} />
            </div>
          </details>
        </>
      )}
    </Card>
  );
}

function summary(measured: LatencyPoint[], failures: number): string {
  const slowest = Math.max(0, ...measured.map(({ p95 }) => p95 ?? 0));
  const told = failures === 0 ? 'No check failed.' : `${failures} ${failures === 1 ? 'check' : 'checks'} did not pass.`;
  return `Latency over time. The slowest p95 is ${duration(slowest)}. ${told}`;
}

function Legend({ windows, failures }: { windows: boolean; failures: boolean }) {
  const key = (mark: string, text: string) => (
    <li className="flex items-center gap-1.5">
      <span aria-hidden="true" className={mark} /> {text}
    </li>
  );
  return (
    <ul className="flex flex-wrap gap-x-4 gap-y-1 text-xs text-muted">
      {key('h-0.5 w-4 bg-accent', 'p50')}
      {key('h-2.5 w-4 rounded-xs border border-accent/50 bg-accent-soft', 'p95')}
      {failures ? key('size-2 rounded-full bg-fail', 'failures') : null}
      {windows ? key('h-2.5 w-4 rounded-xs bg-line', 'maintenance') : null}
    </ul>
  );
}

const [wide, high, foot] = [1000, 200, 192] as const;

function PlainChart({ points, windows, from, to }: ChartProps) {
  const [start, end] = [Date.parse(from), Date.parse(to)];
  const top = ceiling(points);
  const x = (at: string) => Math.min(1, Math.max(0, (Date.parse(at) - start) / (end - start || 1))) * wide;
  const y = (ms: number) => foot - (ms / top) * (foot - 8);
  const line = (of: 'p50' | 'p95') =>
    stretches(points, of).map((stretch) => stretch.map(({ at, [of]: ms }) => `${x(at)},${y(ms ?? 0)}`).join(' '));
  return (
    <div className="flex h-full flex-col">
      <p aria-hidden="true" className="text-muted">
        {duration(top)}
      </p>
      <svg viewBox={`0 0 ${wide} ${high}`} preserveAspectRatio="none" aria-hidden="true" className="min-h-0 flex-1">
        {windows.map(({ startsAt, endsAt }) => (
          <rect
            key={startsAt}
            x={x(startsAt)}
            width={Math.max(2, x(endsAt) - x(startsAt))}
            y="0"
            height={foot}
            className="fill-line"
          />
        ))}
        <line x1="0" x2={wide} y1={foot} y2={foot} vectorEffect="non-scaling-stroke" className="stroke-line" />
        {line('p95').map((path) => (
          <polyline
            key={path}
            points={path}
            fill="none"
            vectorEffect="non-scaling-stroke"
            className="stroke-accent/40"
          />
        ))}
        {line('p50').map((path) => (
          <polyline
            key={path}
            points={path}
            fill="none"
            strokeWidth="2"
            vectorEffect="non-scaling-stroke"
            className="stroke-accent"
          />
        ))}
        {points
          .filter(({ counts }) => countFailures(counts) > 0)
          .map(({ at }) => (
            <rect key={at} x={Math.max(0, x(at) - 2)} y={foot - 6} width="4" height="14" className="fill-fail" />
          ))}
      </svg>
      <p aria-hidden="true" className="flex justify-between text-muted">
        <Time at={from} /> <Time at={to} />
      </p>
    </div>
  );
}

/** Splits points into runs with values, so that no line is drawn across gaps. */
function stretches(points: LatencyPoint[], of: 'p50' | 'p95'): LatencyPoint[][] {
  const found: LatencyPoint[][] = [];
  let open: LatencyPoint[] | null = null;
  for (const point of points) {
    if (point[of] === null) open = null;
    else if (open) open.push(point);
    else {
      open = [point];
      found.push(open);
    }
  }
  return found;
}

function Figures({ points }: { points: LatencyPoint[] }) {
  const some = points.filter(({ counts }) => Object.values(counts).some((count) => count > 0)).reverse();
  const ms = (value: number | null) => (value === null ? '–' : duration(value));
  return (
    <Table label="Latency by time" head={['From', 'p50', 'p95', 'Checks', 'Did not pass', 'Uptime']}>
      {some.map(({ at, p50, p95, counts, uptime }) => (
        <tr key={at}>
          <td className={cellClass}>
            <Time at={at} />
          </td>
          <td className={`${cellClass} tabular-nums`}>{ms(p50)}</td>
          <td className={`${cellClass} tabular-nums`}>{ms(p95)}</td>
          <td className={`${cellClass} tabular-nums`}>{counts.pass + counts.degraded + countFailures(counts)}</td>
          <td className={`${cellClass} tabular-nums`}>{countFailures(counts)}</td>
          <td className={`${cellClass} tabular-nums`}>
            {percent(uptime)}
            {counts.inMaintenance > 0 ? <span className="text-muted"> · maintenance</span> : null}
          </td>
        </tr>
      ))}
    </Table>
  );
}
