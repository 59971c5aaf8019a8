export type Sort<Key extends string> = { key: Key; descending: boolean };

/** Reads `?sort=name` or `?sort=-name`. @returns null if it is none of the keys */
export function parseSort<const Key extends string>(
  value: string | null | undefined,
  keys: readonly Key[],
): Sort<Key> | null {
  const descending = value?.startsWith('-') ?? false;
  const key = keys.find((each) => each === (descending ? value?.slice(1) : value));
  return key === undefined ? null : { key, descending };
}

/** The query after a click on a column: ascending, then descending, then as at first; on the first page. */
export function nextSort(search: URLSearchParams, key: string): URLSearchParams {
  const next = new URLSearchParams(search);
  const sort = parseSort(search.get('sort'), [key]);
  next.delete('cursor');
  if (sort?.descending) next.delete('sort');
  else next.set('sort', sort ? `-${key}` : key);
  return next;
}
