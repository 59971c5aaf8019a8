/** Something that must never happen, and where it did, one line each. */
export type Promised = { name: string; broken: string[] };

export const countBy = <T>(items: readonly T[], toKey: (item: T) => string): Record<string, number> =>
  Object.fromEntries([...Map.groupBy(items, toKey)].map(([key, group]) => [key, group.length]).sort());

/** The groups of more than one. */
export const findRepeated = <T>(items: readonly T[], toKey: (item: T) => string): [string, T[]][] =>
  [...Map.groupBy(items, toKey)].filter(([, group]) => group.length > 1);
