import { type KeyboardEvent, type PointerEvent, useState } from 'react';
import { nearest } from './scale.ts';

/** How far each key moves. */
const steps = new Map([
  ['ArrowLeft', -1],
  ['ArrowRight', 1],
  ['PageUp', -10],
  ['PageDown', 10],
  ['Home', Number.NEGATIVE_INFINITY],
  ['End', Number.POSITIVE_INFINITY],
]);

/**
 * Lets a reader inspect the points of a chart, by pointer or with the arrow keys. Spread `wired` on the chart's box.
 * @param options.places 0–1, from left to right
 * @param options.label what the chart shows, for screen readers
 * @param options.textAt the figures of a point
 */
export function useCursor({
  places,
  label,
  textAt,
}: {
  places: number[];
  label: string;
  textAt: (index: number) => string;
}) {
  const [chosen, setChosen] = useState<number | null>(null);
  const last = places.length - 1;
  const index = chosen === null || chosen > last ? null : chosen;
  const wired = {
    role: 'slider',
    tabIndex: 0,
    'aria-label': label,
    'aria-valuemin': 0,
    'aria-valuemax': Math.max(0, last),
    'aria-valuenow': index ?? Math.max(0, last),
    'aria-valuetext': places.length > 0 ? textAt(index ?? last) : 'No data',
    onFocus: () => setChosen((now) => now ?? (last >= 0 ? last : null)),
    onBlur: () => setChosen(null),
    onPointerMove: (event: PointerEvent<HTMLElement>) => {
      const { left, width } = event.currentTarget.getBoundingClientRect();
      setChosen(nearest(places, (event.clientX - left) / (width || 1)));
    },
    onPointerLeave: () => setChosen(null),
    onKeyDown: (event: KeyboardEvent<HTMLElement>) => {
      const step = steps.get(event.key);
      if (step === undefined) return;
      event.preventDefault();
      setChosen(Math.min(last, Math.max(0, (index ?? last) + step)));
    },
  } as const;
  return { index, place: index === null ? null : (places[index] ?? null), wired };
}
