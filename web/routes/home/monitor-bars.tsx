import type { MonitorStanding } from '../../../services/organization/home/standing.ts';
import { useFormat } from '../../shell/reader-provider.tsx';
import { TextLink } from '../../ui/base/button.tsx';
import { Card } from '../../ui/base/card.tsx';
import { StatusChip } from '../../ui/base/status-chip.tsx';
import { UptimeBar } from '../../ui/chart/uptime-bar.tsx';

/** The monitors of the last 24 hours, hour by hour. */
export function MonitorBars({
  monitors,
  hasMore,
  base,
}: {
  monitors: MonitorStanding[];
  hasMore: boolean;
  base: string;
}) {
  return (
    <Card
      title="Monitors, last 24 hours"
      flush
      aside={
        <TextLink to={`${base}/monitors`} className="text-sm">
          {hasMore ? 'All monitors, these are the worst' : 'All monitors'}
        </TextLink>
      }
    >
      <ul className="grid md:grid-cols-2">
        {monitors.map((monitor) => (
          <li key={monitor.id} className="border-line border-b px-4 py-3">
            <Monitor monitor={monitor} base={base} />
          </li>
        ))}
      </ul>
    </Card>
  );
}

function Monitor({ monitor, base }: { monitor: MonitorStanding; base: string }) {
  const format = useFormat();
  const { id, name, serverName, outcome, hours } = monitor;
  const [up, down] = [sum(hours, 'up'), sum(hours, 'down')];
  const uptime = up + down === 0 ? null : up / (up + down);
  return (
    <>
      <div className="mb-2 flex items-baseline justify-between gap-3">
        <p className="min-w-0">
          <TextLink to={`${base}/monitors/${id}`} className="font-medium">
            {name}
          </TextLink>
          <span className="block truncate text-xs text-muted">{serverName}</span>
        </p>
        <span className="flex shrink-0 items-center gap-2 text-table tabular-nums">
          {outcome === null || outcome === 'pass' ? null : (
            <StatusChip status={outcome === 'degraded' ? 'partial' : outcome === 'fail' ? 'fail' : 'error'}>
              {outcome === 'degraded' ? 'Degraded' : outcome === 'fail' ? 'Fail' : 'Error'}
            </StatusChip>
          )}
          {uptime === null ? 'Not checked yet' : format.percent(uptime)}
        </span>
      </div>
      <UptimeBar
        label={`Checks of ${name} in the last 24 hours`}
        slots={hours.map(({ at, up, degraded, down }) => ({
          at,
          status: up + down === 0 ? null : down > 0 ? 'fail' : degraded > 0 ? 'partial' : 'pass',
          figures: up + down === 0 ? 'no checks' : `${format.count(up + down, 'check')}, ${format.number(down)} failed`,
        }))}
      />
    </>
  );
}

const sum = (hours: MonitorStanding['hours'], key: 'up' | 'down'): number =>
  hours.reduce((total, hour) => total + hour[key], 0);
