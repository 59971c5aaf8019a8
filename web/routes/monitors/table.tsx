import type { CheckErrorKind, CheckOutcome, MonitorState } from '../../../domain/monitor/monitor.ts';
import { useFormat } from '../../shell/reader-provider.tsx';
import { MaintenanceBadge } from '../../ui/base/badge.tsx';
import { Time } from '../../ui/base/time.tsx';
import { aboveRow, type Column, DataTable } from '../../ui/data/data-table.tsx';
import { Link } from '../../ui/page/link.tsx';
import { errorKindLabels, intervalLabels } from './labels.ts';
import { MonitorStatus, SettingUpBadge } from './status.tsx';

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
  uptime: { uptime: number | null; strictUptime: number | null };
  openIncidentId: string | null;
  inMaintenance: boolean;
  isSettingUp: boolean;
};

/**
 * The monitors of a page.
 * @param props.tick with a box to choose each
 * @param props.waitingSince monitors whose latest check is older are shown as waiting for a result
 */
export function MonitorRows({
  monitors,
  base,
  tick,
  waitingSince,
}: {
  monitors: Row[];
  base: string;
  tick: boolean;
  waitingSince: string | null;
}) {
  const format = useFormat();
  const isLate = ({ state, health }: Row) =>
    waitingSince !== null && state === 'active' && (health === null || health.checkedAt < waitingSince);
  const box: Column<Row> = {
    key: 'choose',
    head: 'Choose',
    phone: 'status',
    cell: ({ id, name }) => (
      <input
        type="checkbox"
        name="monitor"
        value={id}
        aria-label={`Choose ${name}`}
        className={`${aboveRow} block size-6 md:size-4`}
      />
    ),
  };
  return (
    <DataTable
      label="Monitors"
      rows={monitors}
      rowKey={({ id }) => id}
      to={({ id }) => `${base}/monitors/${id}`}
      columns={[
        ...(tick ? [box] : []),
        { key: 'status', head: 'Latest check', phone: 'status', cell: (row) => <Status row={row} /> },
        { key: 'monitor', head: 'Monitor', phone: 'title', cell: (row) => <Name row={row} /> },
        {
          key: 'incident',
          head: 'Incident',
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
          wide: true,
          align: 'right',
          cell: ({ uptime: { uptime } }) => (uptime === null ? null : format.percent(uptime)),
        },
        {
          key: 'latency',
          head: 'Latency',
          wide: true,
          align: 'right',
          cell: ({ health }) => (health?.latencyMs == null ? null : format.duration(health.latencyMs)),
        },
        { key: 'interval', head: 'Interval', wide: true, cell: (row) => intervalLabels(row.intervalSeconds) },
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

type Totals = {
  all: number;
  pass: number;
  degraded: number;
  fail: number;
  error: number;
  unchecked: number;
  paused: number;
};

const kinds = [
  ['pass', 'passing', 'outcome=pass', 'text-pass'],
  ['degraded', 'degraded', 'outcome=degraded', 'text-partial'],
  ['fail', 'failing', 'outcome=fail', 'text-fail'],
  ['error', 'in error', 'outcome=error', 'text-error'],
  ['unchecked', 'not checked yet', 'outcome=unchecked', 'text-ink'],
  ['paused', 'paused', 'state=paused', 'text-ink'],
] as const;

/** Totals of all monitors, each linked to the monitors it counts. */
export function MonitorTotals({
  totals,
  server,
  list = '',
}: {
  totals: Totals;
  server: string | null;
  /** Path of the list, if it isn't this page. */
  list?: string;
}) {
  const of = server ? `&server=${server}` : '';
  return (
    <ul aria-label="Monitor totals" className="flex flex-wrap gap-2">
      {kinds
        .filter(([kind]) => totals[kind] > 0)
        .map(([kind, text, filter, tone]) => (
          <li key={kind}>
            <Link
              to={`${list}?${filter}${of}`}
              className="flex items-baseline gap-1.5 rounded-lg border border-line bg-surface px-3 py-2 hover:bg-sunken"
            >
              <span className={`text-lg leading-none font-semibold tabular-nums ${tone}`}>{totals[kind]}</span>
              <span className="text-muted">{text}</span>
            </Link>
          </li>
        ))}
    </ul>
  );
}
