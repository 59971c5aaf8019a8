/** Deeper than any sensible schema, and far below the stack limits of JSON and Postgres. */
const maxDepth = 100;

/**
 * Makes a server's JSON storable in Postgres: replaces NUL characters and lone surrogates, and replaces what is nested
 * deeper than 100 with null. Deterministic.
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
