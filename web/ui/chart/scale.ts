/** The upper end of an axis: the highest value, rounded up to a round figure; at least 1. */
export function ceiling(values: number[]): number {
  const highest = values.reduce((a, b) => Math.max(a, b), 1);
  const size = 10 ** Math.floor(Math.log10(highest));
  return (([1, 2, 4, 5, 10] as const).find((step) => step * size >= highest) ?? 10) * size;
}

/** Splits points into stretches with values, so that no line is drawn across a gap. */
export function stretches<Point>(points: Point[], hasValue: (point: Point) => boolean): Point[][] {
  const found: Point[][] = [];
  let open: Point[] | null = null;
  for (const point of points) {
    if (!hasValue(point)) open = null;
    else if (open) open.push(point);
    else {
      open = [point];
      found.push(open);
    }
  }
  return found;
}

/** At most `count` of the items, evenly spaced, for the labels of an axis. */
export function spread<Item>(items: Item[], count: number): Item[] {
  const step = Math.max(1, Math.ceil(items.length / count));
  return items.filter((_, index) => index % step === 0);
}

/** The index of the place nearest to `at`; null without places. */
export function nearest(places: number[], at: number): number | null {
  let best: number | null = null;
  for (const [index, place] of places.entries()) {
    const known = best === null ? undefined : places[best];
    if (known === undefined || Math.abs(place - at) < Math.abs(known - at)) best = index;
  }
  return best;
}
