/** Query values by name; an empty one, as a form sends it for "any", is left out. */
export function query<const N extends string>(url: URL, names: readonly N[]): { [name in N]?: string } {
  const found: { [name in N]?: string } = {};
  for (const name of names) {
    const value = url.searchParams.get(name);
    if (value) found[name] = value;
  }
  return found;
}

/** The value when it is one of these, else undefined: an address typed by hand may hold anything. */
export const pickOne = <const T extends string>(value: string | undefined, all: readonly T[]): T | undefined =>
  all.find((each) => each === value);

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
export const id = (value: string | undefined): string | undefined => (value && uuid.test(value) ? value : undefined);
