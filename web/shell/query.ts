/** Query values by name, without the empty ones that forms send for "any". */
export function query<const N extends string>(url: URL, names: readonly N[]): { [name in N]?: string } {
  const found: { [name in N]?: string } = {};
  for (const name of names) {
    const value = url.searchParams.get(name);
    if (value) found[name] = value;
  }
  return found;
}

/** The value if it is one of these, else undefined, since a typed URL may contain anything. */
export const pickOne = <const T extends string>(value: string | undefined, all: readonly T[]): T | undefined =>
  all.find((each) => each === value);

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
export const id = (value: string | undefined): string | undefined => (value && uuid.test(value) ? value : undefined);
