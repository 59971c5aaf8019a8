import type { CheckErrorKind, CheckOutcome, MonitorState } from '../../../../domain/monitor/monitor.ts';
import { useFormat } from '../../../shell/reader-provider.tsx';
import { MaintenanceBadge } from '../../../ui/base/badge.tsx';
import type { Format } from '../../../ui/base/format.ts';
import { Time } from '../../../ui/base/time.tsx';
import { RunStrip } from '../../../ui/chart/run-strip.tsx';
import { Sparkline } from '../../../ui/chart/sparkline.tsx';
import { RowCheckbox } from '../../../ui/data/bulk-form.tsx';
import { aboveRow, type Column, DataTable } from '../../../ui/data/data-table.tsx';
import { Link } from '../../../ui/page/link.tsx';
import { errorKindLabels, intervalLabels } from '../labels.ts';
import { MonitorStatus, SettingUpBadge, toStatus } from '../status.tsx';

type Row = {
  id: string;
  name: string;
  tool: string;
  serverId: string;
  serverName: string;
  argumentsHint: string;
  intervalSeconds: number;
  state: MonitorState;
  health: {
    outcome: CheckOutcome;
    errorKind: CheckErrorKind | null;
    latencyMs: number | null;
    checkedAt: string;
  } | null;
  uptime: { uptime: number | null };
  outcomes: (CheckOutcome | null)[];
  latencies: (number | null)[];
  openIncidentId: string | null;
  inMaintenance: boolean;
  isSettingUp: boolean;
};

/**
 * The monitors of a page.
 * @param props.isSelectable with a box to mark each
 * @param props.waitingSince monitors whose latest check is older are shown as waiting for a result
 */
export function MonitorRows({
  monitors,
  base,
  isSelectable,
  waitingSince,
}: {
  monitors: Row[];
  base: string;
  isSelectable: boolean;
  waitingSince: string | null;
}) {
  const format = useFormat();
  const isLate = ({ state, health }: Row) =>
    waitingSince !== null && state === 'active' && (health === null || health.checkedAt < waitingSince);
  const box: Column<Row> = {
    key: 'select',
    head: 'Select',
    headHidden: true,
    phone: 'status',
    cell: ({ id, name }) => <RowCheckbox name="monitor" value={id} label={name} />,
  };
  return (
    <DataTable
      label="Monitors"
      rows={monitors}
      rowKey={({ id }) => id}
      to={({ id }) => `${base}/monitors/${id}`}
      columns={[
        ...(isSelectable ? [box] : []),
        { key: 'status', head: 'Latest check', phone: 'status', cell: (row) => <Status row={row} /> },
        { key: 'monitor', head: 'Monitor', phone: 'title', cell: (row) => <Name row={row} /> },
        {
          key: 'incident',
          head: 'Incident',
          wide: true,
          cell: ({ openIncidentId }) =>
            openIncidentId ? (
              <Link to={`${base}/incidents/${openIncidentId}`} className={`${aboveRow} text-fail underline`}>
                Open incident
              </Link>
            ) : null,
        },
        {
          key: 'uptime',
          head: 'Uptime, 24 h',
          unit: 'uptime',
          cell: ({ name, uptime: { uptime }, outcomes }) =>
            uptime === null ? null : (
              <span className="inline-flex items-center gap-2">
                <span className="hidden lg:inline-flex">
                  <RunStrip
                    label={`${name}, hours of the last day`}
                    runs={outcomes.map((outcome) => ({ status: outcome && toStatus(outcome) }))}
                    size={outcomes.length}
                  />
                </span>
                <span className="whitespace-nowrap tabular-nums lg:min-w-16 lg:text-right">
                  {format.percent(uptime)}
                </span>
              </span>
            ),
        },
        {
          key: 'latency',
          head: 'Latency',
          wide: true,
          phone: 'none',
          cell: ({ health, latencies }) =>
            health?.latencyMs == null ? null : (
              <span className="inline-flex items-center gap-2">
                <Sparkline values={latencies} label={describeLatency(latencies, format)} />
                <span className="whitespace-nowrap tabular-nums">{format.duration(health.latencyMs)}</span>
              </span>
            ),
        },
        {
          key: 'interval',
          head: 'Interval',
          wide: true,
          phone: 'none',
          cell: (row) => intervalLabels(row.intervalSeconds),
        },
        {
          key: 'checked',
          head: 'Checked',
          align: 'right',
          cell: (row) => (isLate(row) ? 'Checking …' : row.health ? <Time at={row.health.checkedAt} relative /> : null),
        },
      ]}
    />
  );
}

function describeLatency(latencies: (number | null)[], format: Format): string {
  const known = latencies.filter((value) => value !== null);
  const [first, last] = [known[0] ?? null, known.at(-1) ?? null];
  return `Median latency over 24 hours, from ${format.duration(first)} to ${format.duration(last)}.`;
}

function Status({ row: { state, health, isSettingUp, inMaintenance } }: { row: Row }) {
  return (
    <span className="inline-flex flex-wrap items-center gap-1">
      <MonitorStatus state={state} outcome={health?.outcome ?? null} />
      {isSettingUp ? <SettingUpBadge /> : null}
      {inMaintenance ? <MaintenanceBadge /> : null}
    </span>
  );
}

function Name({ row: { name, tool, argumentsHint, serverName, health } }: { row: Row }) {
  return (
    <>
      {name} <span className="font-normal text-muted text-xs">{serverName}</span>
      <span className="line-clamp-1 font-normal text-muted">
        {health?.errorKind ? `${errorKindLabels(health.errorKind)} · ` : ''}
        <span className="font-mono text-xs">
          {tool} {argumentsHint}
        </span>
      </span>
    </>
  );
}
