/** Compact JSON; null for what is nested deeper than the stack. */
export function compactJson(value: unknown): string | null {
  try {
    return JSON.stringify(value) ?? 'undefined';
  } catch (error) {
    if (error instanceof RangeError) return null;
    throw error;
  }
}

/** A JSON object's own properties, whatever they are called; null for anything else. */
export function entriesOf(value: unknown): Map<string, unknown> | null {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return null;
  return new Map(Object.entries(value));
}

/** Equality of JSON values: key order doesn't count, list order does. Takes any depth, in time of the smaller's size. */
export function sameJson(one: unknown, other: unknown): boolean {
  const pending: [unknown, unknown][] = [[one, other]];
  for (let pair = pending.pop(); pair; pair = pending.pop()) {
    const [a, b] = pair;
    if (a === b) continue;
    if (Array.isArray(a) && Array.isArray(b)) {
      if (a.length !== b.length) return false;
      for (const [index, item] of a.entries()) pending.push([item, b[index]]);
      continue;
    }
    const left = entriesOf(a);
    const right = entriesOf(b);
    if (!left || !right || left.size !== right.size) return false;
    for (const [key, value] of left) {
      if (!right.has(key)) return false;
      pending.push([value, right.get(key)]);
    }
  }
  return true;
}

/**
 * Equality of JSON values for comparing many parts of the same documents: each object is looked at once, however often it is asked
 * about. Takes any depth; the documents must not change meanwhile.
 */
export function createSameness(): (one: unknown, other: unknown) => boolean {
  const numbers = new Map<string, number>();
  const known = new WeakMap<object, number>();

  /** Equal values have the same number. An object's is known once its parts are. */
  const numberOf = (value: unknown): number | undefined => {
    if (typeof value === 'object' && value !== null) return known.get(value);
    return intern(`${typeof value} ${String(value)}`);
  };
  const intern = (key: string): number => {
    const number = numbers.get(key) ?? numbers.size;
    numbers.set(key, number);
    return number;
  };
  const learn = (root: unknown): number | undefined => {
    const pending: { value: unknown; opened: boolean }[] = [{ value: root, opened: false }];
    for (let next = pending.pop(); next; next = pending.pop()) {
      const { value, opened } = next;
      if (typeof value !== 'object' || value === null || known.has(value)) continue;
      const entries = Object.entries(value);
      if (!opened) {
        pending.push({ value, opened: true });
        for (const [, part] of entries) pending.push({ value: part, opened: false });
        continue;
      }
      if (!Array.isArray(value)) entries.sort(([a], [b]) => (a < b ? -1 : 1));
      const parts = entries.map(([key, part]) => `${JSON.stringify(key)}:${numberOf(part)}`);
      known.set(value, intern(`${Array.isArray(value) ? 'list' : 'object'} ${parts.join()}`));
    }
    return numberOf(root);
  };
  return (one, other) => one === other || learn(one) === learn(other);
}
