import type { ReactNode } from 'react';
import { useFormat } from '../../shell/reader-provider.tsx';
import { type Status, StatusIcon, statusLooks } from '../base/status-chip.tsx';

export type WaterfallRow = {
  id: string;
  name: ReactNode;
  /** How deep it is nested, from 0. */
  depth: number;
  /** Milliseconds since the beginning. */
  startMs: number;
  /** Null while it still runs. */
  durationMs: number | null;
  status: Status | null;
  /** Anchors that lead to it as well. */
  also?: readonly string[];
  /** Below the row, over its whole width: an inspector. */
  detail?: ReactNode;
  isChosen?: boolean;
};

/**
 * Steps on a common time axis: name with nesting, offset, bar and duration. On a phone the bar is below the name.
 * @param props.label name of the list for screen readers
 * @param props.totalMs length of the axis
 * @param props.renderName puts a link around the name, if rows lead somewhere
 */
export function Waterfall({
  label,
  rows,
  totalMs,
  renderName = ({ name }) => name,
}: {
  label: string;
  rows: WaterfallRow[];
  totalMs: number;
  renderName?: (row: WaterfallRow) => ReactNode;
}) {
  const format = useFormat();
  const share = (ms: number) => Math.min(1, Math.max(0, ms / Math.max(1, totalMs))) * 100;
  return (
    <ol aria-label={label} className="divide-y divide-line text-table">
      {rows.map((row) => {
        const { id, depth, startMs, durationMs, status, isChosen, detail, also = [] } = row;
        const left = share(startMs);
        return (
          <li
            key={id}
            id={id}
            className={`waterfall-row relative grid min-h-9 grid-cols-[minmax(0,1fr)_auto] items-center gap-x-3 gap-y-1 px-4 py-1.5 hover:bg-sunken/60 md:grid-cols-[minmax(0,3fr)_4rem_minmax(0,2fr)_4rem] ${isChosen ? 'bg-accent-soft' : ''}`}
          >
            {also.map((anchor) => (
              <span key={anchor} id={anchor} className="absolute" />
            ))}
            <div className="flex min-w-0 items-center gap-2" style={{ paddingLeft: Math.min(depth, 6) * 16 }}>
              {status === null ? null : (
                <span className={`shrink-0 ${statusLooks[status].chip.split(' ')[1]}`}>
                  <StatusIcon status={status} />
                  <span className="sr-only">{statusLooks[status].text}</span>
                </span>
              )}
              <div className={`min-w-0 flex-1 ${isChosen ? '' : 'truncate'}`}>{renderName(row)}</div>
            </div>
            <span className="hidden text-right text-xs text-muted tabular-nums md:block">
              +{format.duration(startMs)}
            </span>
            <div
              aria-hidden="true"
              className="order-last col-span-2 h-1.5 rounded-full bg-sunken md:order-none md:col-span-1"
            >
              <div
                className={`h-full min-w-0.5 rounded-full ${status === null || status === 'pass' ? 'bg-accent' : statusLooks[status].fill.split(' ')[1]}`}
                style={{
                  marginLeft: `${left}%`,
                  width: `${durationMs === null ? 100 - left : Math.min(100 - left, share(durationMs))}%`,
                }}
              />
            </div>
            <span className="text-right text-xs tabular-nums">
              {durationMs === null ? 'Running' : durationMs === 0 ? '' : format.duration(durationMs)}
            </span>
            {detail ? <div className="order-last col-span-full mb-2 min-w-0">{detail}</div> : null}
          </li>
        );
      })}
    </ol>
  );
}
