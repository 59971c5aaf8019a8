/** Compact JSON; null for a value nested too deeply for the stack. */
export function compactJson(value: unknown): string | null {
  try {
    return JSON.stringify(value) ?? 'undefined';
  } catch (error) {
    if (error instanceof RangeError) return null;
    throw error;
  }
}

/** The own properties of a JSON object, also `__proto__`; null for anything else. */
export function toEntries(value: unknown): Map<string, unknown> | null {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return null;
  return new Map(Object.entries(value));
}

/** Equality of JSON values of any depth. The order of keys doesn't count, that of lists does. */
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
    const left = toEntries(a);
    const right = toEntries(b);
    if (!left || !right || left.size !== right.size) return false;
    for (const [key, value] of left) {
      if (!right.has(key)) return false;
      pending.push([value, right.get(key)]);
    }
  }
  return true;
}

/** Whether a number in it is too large for JavaScript, such as `1e999`: written as JSON, it would become null. */
export function hasInfiniteNumber(root: unknown): boolean {
  const pending: unknown[] = [root];
  while (pending.length > 0) {
    const value = pending.pop();
    if (typeof value === 'number' && !Number.isFinite(value)) return true;
    if (typeof value === 'object' && value !== null) for (const item of Object.values(value)) pending.push(item);
  }
  return false;
}

/** JSON as models write it: the content of a text that is one Markdown code block, or else the text itself. */
export function stripCodeFence(text: string): string {
  const [, fenced] = /^\s*```(?:json)?\s*([\s\S]*?)\s*```\s*$/.exec(text) ?? [];
  return fenced ?? text;
}
