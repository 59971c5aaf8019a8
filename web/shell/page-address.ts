/** Path and query without the tab: which part of a page is shown doesn't change what is on it. */
export function pageAddress({ pathname, search }: { pathname: string; search: string }): string {
  const query = new URLSearchParams(search);
  query.delete('tab');
  return query.size > 0 ? `${pathname}?${query}` : pathname;
}
