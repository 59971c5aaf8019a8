/**
 * Narrows `value` to one of `values`, for columns that a CHECK constraint limits to them. @throws when it is none of
 * them
 */
export function oneOf<const T extends string>(values: readonly T[], value: string): T {
  const match = values.find((candidate) => candidate === value);
  if (match === undefined) throw new Error(`Invalid value "${value}". Expected one of: ${values.join(', ')}.`);
  return match;
}
