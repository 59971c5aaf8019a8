import type { ReactNode } from 'react';
import { useFormat } from '../../shell/reader-provider.tsx';
import { type Status, statusLooks } from '../base/status-chip.tsx';
import { ChartFrame, TimeAxis } from './frame.tsx';
import { spread } from './scale.ts';
import { useCursor } from './use-cursor.ts';

export type Bar = {
  /** Start of the day. */
  at: string;
  /** From the bottom up. */
  parts: { status: Status; count: number }[];
  /** What happened on this day, such as "Version 4": a mark above the bar. */
  mark?: string;
};

const height = 100;

/**
 * Outcomes per day, stacked, with marks such as new versions. Drawn by the server; figures on hover and by arrow keys.
 * @param props.label what it shows in one sentence
 * @param props.markName what a mark is: "New version"
 * @param props.table the same figures as a table
 */
export function BarChart({
  label,
  bars,
  markName,
  table,
}: {
  label: string;
  bars: Bar[];
  markName?: string;
  table?: ReactNode;
}) {
  const format = useFormat();
  const slot = 1 / Math.max(1, bars.length);
  const totals = bars.map(({ parts }) => parts.reduce((sum, { count }) => sum + count, 0));
  const top = totals.reduce((a, b) => Math.max(a, b), 1);
  const shown = [...new Set(bars.flatMap(({ parts }) => parts.map(({ status }) => status)))];
  const figuresAt = (bar: Bar | undefined) => {
    if (!bar) return '';
    const counts = bar.parts
      .filter(({ count }) => count > 0)
      .map(({ status, count }) => `${format.number(count)} ${statusLooks[status].text.toLowerCase()}`);
    return `${format.day(bar.at)}: ${[counts.join(' · ') || 'no runs', ...(bar.mark ? [bar.mark] : [])].join(' · ')}`;
  };
  const cursor = useCursor({
    places: bars.map((_, index) => (index + 0.5) * slot),
    label,
    textAt: (index) => figuresAt(bars[index]),
  });
  return (
    <ChartFrame
      legend={[
        ...shown.map((status) => ({
          mark: `size-2 rounded-xs ${statusLooks[status].fill}`,
          text: statusLooks[status].text,
        })),
        ...(markName && bars.some(({ mark }) => mark) ? [{ mark: 'size-2 rotate-45 bg-ink', text: markName }] : []),
      ]}
      figures={cursor.index === null ? null : figuresAt(bars[cursor.index])}
      table={table}
    >
      <div {...cursor.wired} className="relative h-32 pt-3">
        <svg
          viewBox={`0 0 ${bars.length || 1} ${height}`}
          preserveAspectRatio="none"
          aria-hidden="true"
          className="h-full w-full"
        >
          {bars.map((bar, index) => (
            <Stack key={bar.at} bar={bar} x={index} top={top} isChosen={cursor.index === index} />
          ))}
          <line
            x1="0"
            x2={bars.length || 1}
            y1={height}
            y2={height}
            vectorEffect="non-scaling-stroke"
            className="stroke-line"
          />
        </svg>
        {bars.map(({ at, mark }, index) =>
          mark ? (
            <span
              key={at}
              aria-hidden="true"
              className="absolute top-0 size-2 -translate-x-1/2 rotate-45 bg-ink"
              style={{ left: `${(index + 0.5) * slot * 100}%` }}
            />
          ) : null,
        )}
      </div>
      <TimeAxis
        ticks={spread(
          bars.map(({ at }, index) => ({ place: index * slot, text: format.day(at) })),
          4,
        )}
      />
    </ChartFrame>
  );
}

function Stack({ bar, x, top, isChosen }: { bar: Bar; x: number; top: number; isChosen: boolean }) {
  let below = 0;
  return (
    <>
      {isChosen ? <rect x={x} y="0" width="1" height={height} className="fill-sunken" /> : null}
      {bar.parts.map(({ status, count }) => {
        const size = (count / top) * height;
        below += size;
        return (
          <rect
            key={status}
            x={x + 0.15}
            y={height - below}
            width="0.7"
            height={size}
            className={statusLooks[status].fill.split(' ')[0]}
          />
        );
      })}
    </>
  );
}
