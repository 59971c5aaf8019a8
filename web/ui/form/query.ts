/** The query with new values of filters: without empty ones, on the first page of the list. */
export function toQuery(search: URLSearchParams, values: { [name: string]: string }): URLSearchParams {
  const next = new URLSearchParams([...search].filter(([name, value]) => name !== 'cursor' && value !== ''));
  for (const [name, value] of Object.entries(values)) {
    if (value === '') next.delete(name);
    else next.set(name, value);
  }
  return next;
}
