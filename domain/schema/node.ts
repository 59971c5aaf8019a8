import { sameJson, toEntries } from '../json/json.ts';

/** The keywords of a JSON Schema, with a resolved `$ref` merged in. `ref`: the schema that it refers to. */
export type SchemaNode = { keywords: ReadonlyMap<string, unknown>; ref: object | null };

/** Length of a chain of references. */
const maxHops = 20;

const never: SchemaNode = { keywords: new Map([['not', {}]]), ref: null };

/**
 * Opens a schema: `true` and an absent one allow everything, `false` nothing. Local references are followed, keywords
 * beside them are kept; other references stay as `$ref`. Null for anything but a schema.
 */
export function openSchema(schema: unknown, root: unknown): SchemaNode | null {
  if (schema === undefined || schema === true) return { keywords: new Map(), ref: null };
  if (schema === false) return never;
  let keywords = toEntries(schema);
  if (!keywords) return null;
  let ref: object | null = null;
  for (let hops = 0; keywords.has('$ref') && hops < maxHops; hops++) {
    const target = resolveReference(keywords.get('$ref'), root);
    const found = toEntries(target);
    if (!found) break;
    ref = typeof target === 'object' ? target : null;
    keywords.delete('$ref');
    keywords = new Map([...found, ...keywords]);
  }
  return { keywords, ref };
}

/** The target of a local reference (`#`, `#/$defs/Order`), or undefined. */
export function resolveReference(ref: unknown, root: unknown): unknown {
  if (typeof ref !== 'string' || !/^#(\/|$)/.test(ref) || ref.length > 1000) return undefined;
  let at: unknown = root;
  for (const step of ref.split('/').slice(1)) {
    const key = unescapePointer(step);
    at = Array.isArray(at) ? (/^\d+$/.test(key) ? at[Number(key)] : undefined) : toEntries(at)?.get(key);
  }
  return at;
}

function unescapePointer(step: string): string {
  const plain = step.replaceAll('~1', '/').replaceAll('~0', '~');
  try {
    return decodeURIComponent(plain);
  } catch {
    // A stray percent sign is part of the name.
    return plain;
  }
}

/** Every JSON type; `number` is `integer` and `fraction`. */
const allTypes = ['string', 'integer', 'fraction', 'boolean', 'null', 'array', 'object'] as const;

/** The types that a schema declares or its enum implies. */
export function declaredTypes({ keywords }: SchemaNode): string[] | null {
  const type = keywords.get('type');
  if (typeof type === 'string') return [type];
  if (Array.isArray(type)) return type.filter((each) => typeof each === 'string');
  const values = allowedValues({ keywords, ref: null });
  return values ? [...new Set(values.map(getType))] : null;
}

/** The declared types as a set that can be compared by inclusion. */
export function typeSet(types: readonly string[] | null): Set<string> {
  if (!types) return new Set(allTypes);
  return new Set(types.flatMap((type) => (type === 'number' ? ['integer', 'fraction'] : [type])));
}

function getType(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'array';
  if (typeof value === 'number') return Number.isInteger(value) ? 'integer' : 'number';
  return typeof value;
}

/** The values of `const` or `enum`, or null where any is allowed. */
export function allowedValues({ keywords }: SchemaNode): unknown[] | null {
  if (keywords.has('const')) return [keywords.get('const')];
  const values = keywords.get('enum');
  return Array.isArray(values) ? values : null;
}

export type Relation = 'same' | 'narrowed' | 'widened' | 'changed';

/** How a set of allowed values changed. */
export function relation(keepsAll: boolean, addsNone: boolean): Relation {
  if (keepsAll) return addsNone ? 'same' : 'widened';
  return addsNone ? 'narrowed' : 'changed';
}

const maxObjects = 500;

/** How a list of allowed values changed; null is "any". */
export function valuesRelation(before: unknown[] | null, after: unknown[] | null): Relation {
  if (!before || !after) return relation(!after, !before);
  // Lists of objects are compared pair by pair.
  if (before.length + after.length > maxObjects && [...before, ...after].some((value) => typeof value === 'object'))
    return sameJson(before, after) ? 'same' : 'changed';
  const covers = (values: unknown[], others: unknown[]) => {
    const scalars = new Set(values);
    const rest = values.filter((value) => typeof value === 'object' && value !== null);
    return others.every((value) => scalars.has(value) || rest.some((each) => sameJson(each, value)));
  };
  return relation(covers(after, before), covers(before, after));
}

/** The keyword's schemas by name (`properties`, `patternProperties`). */
export function schemaMap({ keywords }: SchemaNode, keyword: string): Map<string, unknown> {
  return toEntries(keywords.get(keyword)) ?? new Map();
}

export function requiredNames({ keywords }: SchemaNode): Set<string> {
  const names = keywords.get('required');
  return new Set(Array.isArray(names) ? names.filter((name) => typeof name === 'string') : []);
}

/** The keyword's list of schemas (`anyOf`, `oneOf`, `allOf`), or null where there is none. */
export function members({ keywords }: SchemaNode, keyword: string): unknown[] | null {
  const list = keywords.get(keyword);
  return Array.isArray(list) ? list : null;
}

/**
 * Schemas of an array: by position, and of the rest (`undefined`: anything). Older drafts have the tuple in `items`.
 */
export function getItems({ keywords }: SchemaNode): { tuple: unknown[]; rest: unknown } {
  const [items, prefix] = [keywords.get('items'), keywords.get('prefixItems')];
  if (Array.isArray(items)) return { tuple: items, rest: keywords.get('additionalItems') };
  return { tuple: Array.isArray(prefix) ? prefix : [], rest: items };
}

/** Whether it allows everything: absent, `true`, `{}`. */
export const isOpen = (schema: unknown): boolean =>
  schema === undefined || schema === true || toEntries(schema)?.size === 0;

/** Whether it contains a `$ref`: then equal schemas of two documents may mean different things. */
export function hasReferences(schema: unknown): boolean {
  const pending: unknown[] = [schema];
  while (pending.length > 0) {
    const value = pending.pop();
    if (Array.isArray(value)) for (const item of value) pending.push(item);
    else
      for (const [key, item] of toEntries(value) ?? []) {
        if (key === '$ref') return true;
        pending.push(item);
      }
  }
  return false;
}
