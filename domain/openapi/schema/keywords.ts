import { asList, isNode, type Node } from '../document/node.ts';

type Read = (value: unknown) => unknown;

const text: Read = (value) => (typeof value === 'string' ? value : undefined);
const yes: Read = (value) => (value === true ? true : undefined);
const anything: Read = (value) => value;

/** Numbers in quotes are numbers. */
const number: Read = (value) => {
  const read = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
  return typeof read === 'number' && Number.isFinite(read) ? read : undefined;
};
const count: Read = (value) => {
  const read = number(value);
  return typeof read === 'number' && Number.isInteger(read) && read >= 0 ? read : undefined;
};
const positive: Read = (value) => {
  const read = number(value);
  return typeof read === 'number' && read > 0 ? read : undefined;
};

const names: Read = (value) => {
  const list = [...new Set(asList(value).filter((name) => typeof name === 'string'))];
  return list.length > 0 ? list : undefined;
};

const nameLists: Read = (value) => {
  if (!isNode(value)) return undefined;
  return Object.fromEntries(Object.entries(value).map(([name, list]) => [name, names(list) ?? []]));
};

/** Keywords whose value is no schema, and how it is read. What can't be read is left out, as validators refuse it. */
export const plainKeywords: ReadonlyMap<string, Read> = new Map([
  ['format', text],
  ['default', anything],
  ['const', anything],
  ['multipleOf', positive],
  ['maximum', number],
  ['minimum', number],
  ['exclusiveMaximum', number],
  ['exclusiveMinimum', number],
  ['maxLength', count],
  ['minLength', count],
  ['pattern', (value: unknown) => (typeof value === 'string' ? (usablePattern(value) ?? undefined) : undefined)],
  ['maxItems', count],
  ['minItems', count],
  ['uniqueItems', yes],
  ['maxContains', count],
  ['minContains', count],
  ['maxProperties', count],
  ['minProperties', count],
  ['required', names],
  ['dependentRequired', nameLists],
  ['contentEncoding', text],
  ['contentMediaType', text],
  ['deprecated', yes],
]);

export const schemaKeywords = new Set(
  'items contains additionalProperties propertyNames not if then else unevaluatedItems unevaluatedProperties'.split(
    ' ',
  ),
);
export const schemaLists = new Set(['allOf', 'anyOf', 'oneOf', 'prefixItems']);
export const schemaMaps = new Set(['properties', 'patternProperties', 'dependentSchemas']);

/** A pattern that validators accept: they compile it with Unicode, which refuses needless escapes. Null for none. */
export function usablePattern(pattern: string): string | null {
  return [pattern, withoutNeedlessEscapes(pattern)].find(compiles) ?? null;
}

function compiles(pattern: string): boolean {
  try {
    new RegExp(pattern, 'u');
    return true;
  } catch {
    return false;
  }
}

/** `\_` → `_`. In a class, a hyphen stays escaped. */
function withoutNeedlessEscapes(pattern: string): string {
  let inClass = false;
  return pattern.replace(/\\([\s\S])|[[\]]/gu, (whole, escaped?: string) => {
    if (escaped === undefined) {
      inClass = whole === '[' || (inClass && whole !== ']');
      return whole;
    }
    if (/[\w$()*+./?[\\\]^{|}]/.test(escaped) && escaped !== '_') return whole;
    return inClass && escaped === '-' ? whole : escaped;
  });
}

const typeNames = new Set(['string', 'number', 'integer', 'boolean', 'array', 'object', 'null']);

/** The types of a schema; null where it names none that exists. `file` is of Swagger 2, and still met. */
export function readTypes({ type }: Node): string[] | null {
  const given = (Array.isArray(type) ? type : [type]).map((each) => (each === 'file' ? 'string' : each));
  const known = [...new Set(given)].filter((each) => typeof each === 'string' && typeNames.has(each));
  return known.length > 0 ? known : null;
}

/** The allowed values, without doubles. Values that were written as another scalar than the type are read as that. */
export function readEnum(values: unknown, types: readonly string[] | null): unknown[] | null {
  if (!Array.isArray(values) || values.length === 0) return null;
  const read = values.map((value) => asType(value, types));
  const seen = new Set<string>();
  return read.filter((value) => {
    const key = JSON.stringify(value) ?? '';
    return !seen.has(key) && seen.add(key);
  });
}

function asType(value: unknown, types: readonly string[] | null): unknown {
  const only = types?.filter((type) => type !== 'null');
  if (only?.length !== 1) return value;
  if (only[0] === 'string' && (typeof value === 'number' || typeof value === 'boolean')) return String(value);
  if ((only[0] === 'integer' || only[0] === 'number') && typeof value === 'string') return number(value) ?? value;
  return value;
}
