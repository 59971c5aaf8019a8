import { compactJson, sameJson, toEntries } from './json.ts';

/** A place where two JSON values differ. A side is absent where it has no such member. */
export type Difference = { path: string[]; before?: unknown; after?: unknown };

/**
 * The places where two values differ, at most `most`, outermost first. Lists of another length differ as a whole.
 */
export function listDifferences(before: unknown, after: unknown, most: number): Difference[] {
  const found: Difference[] = [];
  const pending: Place[] = [{ parent: null, key: '', one: before, two: after }];
  for (let at = 0; at < pending.length && found.length < most; at++) {
    const place = pending[at];
    if (!place) continue;
    const { one, two } = place;
    if (one === two) continue;
    if (Array.isArray(one) && Array.isArray(two) && one.length === two.length) {
      for (const [index, item] of one.entries())
        pending.push({ parent: place, key: String(index), one: item, two: two[index] });
      continue;
    }
    const [left, right] = [toEntries(one), toEntries(two)];
    if (!left || !right) {
      if (!sameJson(one, two)) found.push({ path: pathTo(place), before: one, after: two });
      continue;
    }
    for (const [key, value] of left)
      if (right.has(key)) pending.push({ parent: place, key, one: value, two: right.get(key) });
      else if (found.length < most) found.push({ path: [...pathTo(place), key], before: value });
    for (const [key, value] of right)
      if (!left.has(key) && found.length < most) found.push({ path: [...pathTo(place), key], after: value });
  }
  return found;
}

/** Knows its path by its parent alone: a path for each place would make the work grow with the depth as well. */
type Place = { parent: Place | null; key: string; one: unknown; two: unknown };

function pathTo(place: Place): string[] {
  const path: string[] = [];
  for (let at = place; at.parent; at = at.parent) path.push(at.key);
  return path.reverse();
}

/** A path as assertions and steps write it: `order.lines[0].id`, `["odd key"].id`. */
export function writePath(keys: readonly string[]): string {
  return keys
    .map((key, index) => {
      if (/^(0|[1-9]\d{0,9})$/.test(key)) return `[${key}]`;
      if (!/^[A-Za-z_][\w-]*$/.test(key)) return `[${JSON.stringify(key)}]`;
      return index === 0 ? key : `.${key}`;
    })
    .join('');
}

/** A value as short JSON; a long one is cut. */
export function cutJson(value: unknown, most: number): string {
  const json = typeof value === 'string' ? JSON.stringify(value.slice(0, most + 1)) : compactJson(value);
  if (json === null) return 'a value nested too deeply to show';
  return json.length > most ? `${json.slice(0, most).toWellFormed()}…` : json;
}

const maxMasked = 10_000;

/** Digits and ids stand for any others, since they differ from run to run. */
const masked = (value: unknown): unknown => {
  if (typeof value === 'string' && value.length <= maxMasked) return value.replace(/[0-9a-f]{8,}|\d+/gi, '#');
  return typeof value === 'number' && Math.abs(value) > 1e9 ? '#' : value;
};

/** Whether two values differ in nothing but ids and times, which are new in each run. */
export const isSameKind = (one: unknown, other: unknown): boolean =>
  sameJson(one, other) || sameJson(masked(one), masked(other));
