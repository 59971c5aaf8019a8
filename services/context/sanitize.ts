/** Deeper than any schema that means something, and far from where JSON or Postgres run out of stack. */
const maxDepth = 100;

/**
 * A server's JSON as Postgres can keep it: no NUL characters, no halves of surrogate pairs, and no nesting deeper than 100, from where
 * on there is null. The same JSON always becomes the same.
 */
export function sanitizeForPostgres(value: unknown, depth = 0): unknown {
  if (typeof value === 'string') return sanitizeText(value);
  if (typeof value !== 'object' || value === null) return value;
  if (depth === maxDepth) return null;
  if (Array.isArray(value)) return value.map((item) => sanitizeForPostgres(item, depth + 1));
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [sanitizeText(key), sanitizeForPostgres(item, depth + 1)]),
  );
}

export const sanitizeText = (text: string): string => text.replaceAll('\u0000', '\ufffd').toWellFormed();
