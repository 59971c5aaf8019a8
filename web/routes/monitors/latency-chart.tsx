import { useFormat } from '../../shell/reader-provider.tsx';
import { Card } from '../../ui/base/card.tsx';
import type { Format } from '../../ui/base/format.ts';
import { Time } from '../../ui/base/time.tsx';
import { BandChart } from '../../ui/chart/band-chart.tsx';
import { cellClass, Table } from '../../ui/data/table.tsx';

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

/** Latency over time, with failures and maintenance windows. */
export function LatencyChart({
  points,
  windows,
  from,
  to,
}: {
  points: LatencyPoint[];
  windows: { startsAt: string; endsAt: string }[];
  from: string;
  to: string;
}) {
  const format = useFormat();
  const isEmpty = points.every(({ p95, counts }) => p95 === null && countFailures(counts) === 0);
  return (
    <Card title="Latency">
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
    <Table label="Latency by time" head={['From', 'p50', 'p95', 'Checks', 'Did not pass', 'Uptime']}>
      {some.map(({ at, p50, p95, counts, uptime }) => (
        <tr key={at}>
          <td className={cellClass}>
            <Time at={at} />
          </td>
          <td className={`${cellClass} tabular-nums`}>{format.duration(p50)}</td>
          <td className={`${cellClass} tabular-nums`}>{format.duration(p95)}</td>
          <td className={`${cellClass} tabular-nums`}>{format.number(countChecks(counts))}</td>
          <td className={`${cellClass} tabular-nums`}>{format.number(countFailures(counts))}</td>
          <td className={`${cellClass} tabular-nums`}>
            {format.percent(uptime)}
            {counts.inMaintenance > 0 ? <span className="text-muted"> · maintenance</span> : null}
          </td>
        </tr>
      ))}
    </Table>
  );
}
