import type { ReactNode } from 'react';
import { DisclosureIcon } from '../base/text.tsx';

/** Marks of a legend: a class for the sample, and what it means. */
export type LegendEntry = { mark: string; text: string };

/**
 * What all charts have: the figures of the inspected point (or the legend while there is none), the drawing, and the
 * same as a table.
 */
export function ChartFrame({
  legend,
  figures,
  children,
  table,
}: {
  legend: LegendEntry[];
  figures: string | null;
  children: ReactNode;
  table?: ReactNode;
}) {
  return (
    <figure className="text-xs">
      <figcaption className="mb-2 flex min-h-8 items-end text-muted sm:min-h-4" aria-hidden="true">
        {figures === null ? (
          <span className="flex flex-wrap gap-x-4 gap-y-1">
            {legend.map(({ mark, text }) => (
              <span key={text} className="flex items-center gap-1.5">
                <span className={mark} /> {text}
              </span>
            ))}
          </span>
        ) : (
          <span className="text-ink tabular-nums">{figures}</span>
        )}
      </figcaption>
      {children}
      {table ? (
        <details className="mt-2 text-sm">
          <summary className="flex min-h-11 w-fit items-center gap-1 text-muted hover:text-ink md:min-h-6">
            <DisclosureIcon /> The figures as a table
          </summary>
          <div className="mt-2 max-h-80 overflow-y-auto">{table}</div>
        </details>
      ) : null}
    </figure>
  );
}

/** Labels below a drawing, at their places. @param props.ticks places are 0–1 */
export function TimeAxis({ ticks }: { ticks: { place: number; text: string }[] }) {
  return (
    <div aria-hidden="true" className="relative mt-1 h-4 text-muted">
      {ticks.map(({ place, text }) => (
        <span
          key={place}
          className="absolute whitespace-nowrap"
          // Labels near the end would leave the box.
          style={place > 0.85 ? { right: `${(1 - place) * 100}%` } : { left: `${place * 100}%` }}
        >
          {text}
        </span>
      ))}
    </div>
  );
}
