import { useFormat } from '../../../shell/reader-provider.tsx';
import { LinkButton } from '../../../ui/base/button.tsx';
import { Card } from '../../../ui/base/card.tsx';
import type { Format } from '../../../ui/base/format.ts';
import { Time } from '../../../ui/base/time.tsx';
import { BandChart } from '../../../ui/chart/band-chart.tsx';
import { DataTable } from '../../../ui/data/data-table.tsx';

import { rangeLabels } from '../labels.ts';

const monitorRanges = ['24h', '7d', '30d'] as const;

type Counts = {
  pass: number;
  degraded: number;
  fail: number;
  error: number;
  notReached: number;
  inMaintenance: number;
};
type LatencyPoint = { at: string; uptime: number | null; p50: number | null; p95: number | null; counts: Counts };

const countFailures = ({ fail, error }: Counts) => fail + error;
const countChecks = (counts: Counts) => counts.pass + counts.degraded + countFailures(counts);

/** Latency over time, with failures and maintenance windows. @param props.range the one that is chosen */
export function LatencyChart({
  range,
  points,
  windows,
  from,
  to,
}: {
  range: keyof typeof rangeLabels;
  points: LatencyPoint[];
  windows: { startsAt: string; endsAt: string }[];
  from: string;
  to: string;
}) {
  const format = useFormat();
  const isEmpty = points.every(({ p95, counts }) => p95 === null && countFailures(counts) === 0);
  return (
    <Card title="Latency" aside={<Ranges chosen={range} />}>
      {isEmpty ? (
        <p className="py-8 text-center text-muted">No check in this time.</p>
      ) : (
        <BandChart
          label={summarize(points, format)}
          names={{ line: 'p50', band: 'p95', failures: 'failures', spans: 'maintenance' }}
          points={points.map((point) => ({
            at: point.at,
            line: point.p50,
            band: point.p95,
            failures: countFailures(point.counts),
            figures: toFigures(point, format),
          }))}
          spans={windows}
          from={from}
          to={to}
          value={format.duration}
          table={<Figures points={points} />}
        />
      )}
    </Card>
  );
}

function Ranges({ chosen }: { chosen: keyof typeof rangeLabels }) {
  return (
    <nav aria-label="Time range" className="flex gap-1">
      {monitorRanges.map((range) => (
        <LinkButton
          key={range}
          to={`?range=${range}`}
          variant={chosen === range ? 'plain' : 'quiet'}
          aria-current={chosen === range ? 'true' : undefined}
          preventScrollReset
        >
          {rangeLabels[range]}
        </LinkButton>
      ))}
    </nav>
  );
}

function summarize(points: LatencyPoint[], format: Format): string {
  const slowest = points.reduce((max, { p95 }) => Math.max(max, p95 ?? 0), 0);
  const failures = points.reduce((sum, { counts }) => sum + countFailures(counts), 0);
  const end = failures === 0 ? 'No check failed.' : `${format.count(failures, 'check')} did not pass.`;
  return `Latency over time. The slowest p95 is ${format.duration(slowest)}. ${end}`;
}

function toFigures({ p50, p95, uptime, counts }: LatencyPoint, format: Format): string {
  const failures = countFailures(counts);
  return [
    ...(p50 === null ? [] : [`p50 ${format.duration(p50)}`]),
    ...(p95 === null ? [] : [`p95 ${format.duration(p95)}`]),
    format.count(countChecks(counts), 'check'),
    `uptime ${format.percent(uptime)}`,
    ...(failures > 0 ? [`${format.number(failures)} did not pass`] : []),
    ...(counts.degraded > 0 ? [`${format.number(counts.degraded)} degraded`] : []),
    ...(counts.inMaintenance > 0 ? [`${format.number(counts.inMaintenance)} in maintenance`] : []),
  ].join(' · ');
}

function Figures({ points }: { points: LatencyPoint[] }) {
  const format = useFormat();
  const some = points.filter(({ counts }) => Object.values(counts).some((count) => count > 0)).reverse();
  return (
    <DataTable
      label="Latency by time"
      compact
      rows={some}
      rowKey={({ at }) => at}
      columns={[
        { key: 'at', head: 'From', phone: 'title', cell: ({ at }) => <Time at={at} /> },
        { key: 'p50', head: 'p50', align: 'right', unit: 'p50', cell: ({ p50 }) => format.duration(p50) },
        { key: 'p95', head: 'p95', align: 'right', unit: 'p95', cell: ({ p95 }) => format.duration(p95) },
        {
          key: 'checks',
          head: 'Checks',
          align: 'right',
          unit: 'checks',
          cell: ({ counts }) => format.number(countChecks(counts)),
        },
        {
          key: 'failed',
          head: 'Did not pass',
          align: 'right',
          unit: 'did not pass',
          cell: ({ counts }) => format.number(countFailures(counts)),
        },
        {
          key: 'uptime',
          head: 'Uptime',
          align: 'right',
          unit: 'uptime',
          cell: ({ uptime, counts }) => (
            <>
              {format.percent(uptime)}
              {counts.inMaintenance > 0 ? <span className="text-muted"> · maintenance</span> : null}
            </>
          ),
        },
      ]}
    />
  );
}
