import { useFormat } from '../../../shell/reader-provider.tsx';
import { LinkButton, TextLink } from '../../../ui/base/button.tsx';
import { Card } from '../../../ui/base/card.tsx';
import type { Format } from '../../../ui/base/format.ts';
import { Time } from '../../../ui/base/time.tsx';
import { BandChart } from '../../../ui/chart/band-chart.tsx';
import { DataTable } from '../../../ui/data/data-table.tsx';

export const ranges = ['24h', '7d', '30d'] as const;
export type Range = (typeof ranges)[number];
export const rangeLabels: { [range in Range]: string } = { '24h': '24 hours', '7d': '7 days', '30d': '30 days' };

type Point = {
  at: string;
  uptime: number | null;
  p50: number | null;
  p95: number | null;
  checks: number;
  failedChecks: number;
};

/** Latency of all monitors of the server, with the checks that failed. */
export function Latency({
  points,
  range,
  windows,
  addMonitors,
}: {
  points: Point[];
  range: Range;
  windows: { startsAt: string; endsAt: string }[];
  /** Address of the wizard; null if the reader may not add monitors. */
  addMonitors: string | null;
}) {
  const format = useFormat();
  const [first, last] = [points[0]?.at ?? '', points.at(-1)?.at ?? ''];
  return (
    <Card title="Latency and failures" aside={<Ranges chosen={range} />}>
      {points.some(({ checks }) => checks > 0) ? (
        <BandChart
          label={summarize(points, format)}
          names={{ line: 'p50', band: 'p95', failures: 'failures', spans: 'maintenance' }}
          points={points.map((point) => ({
            at: point.at,
            line: point.p50,
            band: point.p95,
            failures: point.failedChecks,
            figures: toFigures(point, format),
          }))}
          spans={windows}
          from={first}
          to={last}
          value={format.duration}
          table={<Figures points={points} />}
        />
      ) : (
        <p className="py-8 text-center text-muted">
          No checks in this time.
          {addMonitors ? (
            <>
              {' '}
              <TextLink to={addMonitors}>Add monitors</TextLink> to measure it.
            </>
          ) : null}
        </p>
      )}
    </Card>
  );
}

function Ranges({ chosen }: { chosen: Range }) {
  return (
    <nav aria-label="Time range" className="flex gap-1">
      {ranges.map((range) => (
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

function summarize(points: Point[], format: Format): string {
  const slowest = points.reduce((max, { p95 }) => Math.max(max, p95 ?? 0), 0);
  const failed = points.reduce((sum, { failedChecks }) => sum + failedChecks, 0);
  const end = failed === 0 ? 'No check failed.' : `${format.count(failed, 'check')} failed.`;
  return `Latency over time. The slowest p95 is ${format.duration(slowest)}. ${end}`;
}

function toFigures({ p50, p95, uptime, checks, failedChecks }: Point, format: Format): string {
  return [
    ...(p50 === null ? [] : [`p50 ${format.duration(p50)}`]),
    ...(p95 === null ? [] : [`p95 ${format.duration(p95)}`]),
    format.count(checks, 'check'),
    ...(failedChecks > 0 ? [`${format.number(failedChecks)} failed`] : []),
    ...(uptime === null ? [] : [`uptime ${format.percent(uptime)}`]),
  ].join(' · ');
}

function Figures({ points }: { points: Point[] }) {
  const format = useFormat();
  return (
    <DataTable
      label="Latency by time"
      compact
      rows={points.filter(({ checks }) => checks > 0).reverse()}
      rowKey={({ at }) => at}
      columns={[
        { key: 'at', head: 'From', phone: 'title', cell: ({ at }) => <Time at={at} /> },
        { key: 'p50', head: 'p50', align: 'right', unit: 'p50', cell: ({ p50 }) => format.duration(p50) },
        { key: 'p95', head: 'p95', align: 'right', unit: 'p95', cell: ({ p95 }) => format.duration(p95) },
        { key: 'checks', head: 'Checks', align: 'right', unit: 'checks', cell: ({ checks }) => format.number(checks) },
        {
          key: 'failed',
          head: 'Failed',
          align: 'right',
          unit: 'failed',
          cell: ({ failedChecks }) => format.number(failedChecks),
        },
        { key: 'uptime', head: 'Uptime', align: 'right', unit: 'uptime', cell: ({ uptime }) => format.percent(uptime) },
      ]}
    />
  );
}
