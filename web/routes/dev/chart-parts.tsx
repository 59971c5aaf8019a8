import { useFormat } from '../../shell/reader-provider.tsx';
import { Card } from '../../ui/base/card.tsx';
import type { Status } from '../../ui/base/status-chip.tsx';
import { BandChart } from '../../ui/chart/band-chart.tsx';
import { BarChart } from '../../ui/chart/bar-chart.tsx';
import { RunGrid } from '../../ui/chart/run-grid.tsx';
import { Sparkline } from '../../ui/chart/sparkline.tsx';
import { UptimeBar } from '../../ui/chart/uptime-bar.tsx';
import { Waterfall } from '../../ui/chart/waterfall.tsx';
import { allStatuses } from './base-parts.tsx';
import { before, longName, Part } from './part.tsx';

const hours = Array.from({ length: 24 }, (_, index) => 24 - index);
const days = Array.from({ length: 14 }, (_, index) => 14 - index);
const statusAt = (index: number): Status | null => (index === 5 ? null : index % 9 === 0 ? 'fail' : 'pass');

export function ChartParts({ now }: { now: string }) {
  const format = useFormat();
  return (
    <Part title="Charts">
      <Card title="Latency">
        <BandChart
          label="Latency over time. The slowest p95 is 480 ms. 3 checks did not pass."
          names={{ line: 'p50', band: 'p95', failures: 'failures', spans: 'maintenance' }}
          points={hours.map((hour) => {
            const line = hour === 8 || hour === 10 ? null : 120 + ((hour * 37) % 90);
            const band = line === null ? null : line + 100 + ((hour * 53) % 170);
            return {
              at: before(now, hour * 60),
              line,
              band,
              failures: hour % 9 === 0 ? 1 : 0,
              figures: `p50 ${format.duration(line)} · p95 ${format.duration(band)}`,
            };
          })}
          spans={[{ startsAt: before(now, 300), endsAt: before(now, 220) }]}
          from={before(now, 24 * 60)}
          to={now}
          value={format.duration}
          table={<p>The same as a table</p>}
        />
      </Card>
      <Card title="Runs per day">
        <BarChart
          label="Runs per day over 14 days. 9 of 140 failed."
          markName="New version"
          bars={days.map((day) => ({
            at: before(now, day * 24 * 60),
            parts: [
              { status: 'pass', count: 8 + (day % 3) },
              { status: 'partial', count: day % 5 === 0 ? 2 : 0 },
              { status: 'fail', count: day % 4 === 0 ? 3 : 0 },
            ],
            ...(day === 6 && { mark: 'Version 4' }),
          }))}
        />
      </Card>
      <div className="flex flex-wrap items-end gap-8">
        <div>
          <p className="text-xs text-muted">Pass rate</p>
          <p className="flex items-center gap-3 text-xl font-semibold tabular-nums">
            {format.percent(0.9795)}
            <Sparkline
              label="Pass rate over 14 days, from 90 % to 98 %."
              values={days.map((day) => 0.7 + (day % 4) / 15)}
            />
          </p>
        </div>
        <div>
          <p className="text-xs text-muted">Cost</p>
          <p className="flex items-center gap-3 text-xl font-semibold tabular-nums">{format.cost(12.3)}</p>
        </div>
      </div>
      <UptimeBar
        label="Uptime over 24 hours: 95.8 %"
        slots={hours.map((hour, index) => ({
          at: before(now, hour * 60),
          status: statusAt(index),
          figures: statusAt(index) === null ? 'no checks' : '60 checks · 98.3 % uptime',
        }))}
      />
      <Card flush title="Latest runs">
        <RunGrid
          label="Workflows with their latest runs"
          rows={['Buy a mug', longName, 'No runs'].map((name, row) => ({
            key: name,
            name,
            to: '/dev/ui',
            note: row === 2 ? 'Not run yet' : '97.5 % of 40 runs',
            runs:
              row === 2
                ? []
                : Array.from({ length: 12 + row * 20 }, (_, index) => ({
                    id: `${row}-${index}`,
                    status: allStatuses[(index * (row + 1)) % allStatuses.length] ?? 'pass',
                    at: before(now, index * 15),
                    to: `/dev/ui?run=${row}-${index}`,
                  })),
          }))}
        />
      </Card>
      <Card flush title="Trace">
        <Waterfall
          label="Trace"
          totalMs={5400}
          rows={[
            { id: 't1', name: 'Model turn 1', depth: 0, startMs: 0, durationMs: 1400, status: null },
            {
              id: 'c1',
              name: 'search_products',
              depth: 1,
              startMs: 1400,
              durationMs: 38,
              status: 'pass',
              isChosen: true,
            },
            { id: 'c2', name: longName, depth: 1, startMs: 1440, durationMs: 900, status: 'fail' },
            { id: 't2', name: 'Model turn 2', depth: 0, startMs: 2400, durationMs: null, status: 'running' },
          ]}
        />
      </Card>
    </Part>
  );
}
