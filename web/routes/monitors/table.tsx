import type { CheckErrorKind, CheckOutcome, MonitorState } from '../../../domain/monitor/monitor.ts';
import { useFormat } from '../../shell/reader-provider.tsx';
import { MaintenanceBadge } from '../../ui/base/badge.tsx';
import { Time } from '../../ui/base/time.tsx';
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

const cell = 'px-3 py-2 align-top';
const quiet = 'block text-xs text-muted';

/**
 * Up to 100 monitors, so each row is small.
 * @param waitingSince monitors whose latest check is older are shown as waiting for a result
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
  const head = ['Monitor', 'Latest check', 'Uptime, 24 h', 'Interval', 'Server'];
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls has to be reachable by keyboard.
    <section aria-label="Monitors" tabIndex={0} className="overflow-x-auto">
      <table className="w-full text-left">
        <thead>
          <tr className="border-b border-line text-xs text-muted">
            {tick ? (
              <th scope="col" className="w-0 py-2 pl-4">
                <span className="sr-only">Choose</span>
              </th>
            ) : null}
            {head.map((text) => (
              <th key={text} scope="col" className="px-3 py-2 font-medium whitespace-nowrap">
                {text}
              </th>
            ))}
          </tr>
        </thead>
        <tbody className="divide-y divide-line">
          {monitors.map((row) => (
            <MonitorLine key={row.id} row={row} base={base} tick={tick} waitingSince={waitingSince} />
          ))}
        </tbody>
      </table>
    </section>
  );
}

function MonitorLine({
  row,
  base,
  tick,
  waitingSince,
}: {
  row: Row;
  base: string;
  tick: boolean;
  waitingSince: string | null;
}) {
  const format = useFormat();
  const { id, name, tool, health, state } = row;
  const late = waitingSince !== null && state === 'active' && (health === null || health.checkedAt < waitingSince);
  return (
    <tr>
      {tick ? (
        <td className="py-2 pl-4 align-top">
          <input type="checkbox" name="monitor" value={id} aria-label={`Choose ${name}`} className="mt-1" />
        </td>
      ) : null}
      <td className={`${cell} max-w-sm min-w-44`}>
        <Link to={`${base}/monitors/${id}`} className="font-medium text-accent hover:underline">
          {name}
        </Link>
        <span className={`${quiet} truncate font-mono`}>
          {tool} {row.argumentsHint}
        </span>
        {row.openIncidentId ? (
          <Link to={`${base}/incidents/${row.openIncidentId}`} className="text-xs text-fail underline">
            Open incident
          </Link>
        ) : null}
      </td>
      <td className={cell}>
        <MonitorStatus state={state} outcome={health?.outcome ?? null} />
        {row.isSettingUp ? <SettingUpBadge /> : null}
        {row.inMaintenance ? <MaintenanceBadge /> : null}
        <span className={`${quiet} mt-0.5`}>
          {late ? (
            'Checking …'
          ) : health ? (
            <>
              <Time at={health.checkedAt} relative />
              {health.latencyMs === null ? '' : ` · ${format.duration(health.latencyMs)}`}
              {health.errorKind ? ` · ${errorKindLabels(health.errorKind)}` : ''}
            </>
          ) : (
            ''
          )}
        </span>
      </td>
      <td className={`${cell} tabular-nums`}>
        {format.percent(row.uptime.uptime)}
        {row.uptime.strictUptime !== row.uptime.uptime ? (
          <span className={quiet}>{format.percent(row.uptime.strictUptime)} without degraded</span>
        ) : null}
      </td>
      <td className={cell}>{intervalLabels(row.intervalSeconds)}</td>
      <td className={cell}>
        <Link to={`${base}/servers/${row.serverId}`} className="hover:underline">
          {row.serverName}
        </Link>
      </td>
    </tr>
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
