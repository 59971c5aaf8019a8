/** Deeper than any schema that means something, and far from where JSON or Postgres run out of stack. */
const deepest = 100;

/**
 * A server's JSON as Postgres can keep it: no NUL characters, no halves of surrogate pairs, and no nesting deeper than 100, from where
 * on there is null. The same JSON always becomes the same.
 */
export function storable(value: unknown, depth = 0): unknown {
  if (typeof value === 'string') return storableText(value);
  if (typeof value !== 'object' || value === null) return value;
  if (depth === deepest) return null;
  if (Array.isArray(value)) return value.map((item) => storable(item, depth + 1));
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [storableText(key), storable(item, depth + 1)]));
}

export const storableText = (text: string): string => text.replaceAll('\u0000', '\ufffd').toWellFormed();
