import { toEntries } from '../json/json.ts';
import { anyValue, argumentProblems } from '../schema/arguments.ts';
import { propertyPath } from '../schema/labels.ts';
import { allowedValues, declaredTypes, openSchema, requiredNames, type SchemaNode, schemaMap } from '../schema/node.ts';
import { knownArguments } from '../workflow/script.ts';
import { matchFields } from './match-fields.ts';

/** What was done to arguments so that they fit. Paths read like `order.lines[0].sku`. */
export type Fix =
  | { kind: 'renamed'; path: string; from: string; to: string }
  | { kind: 'value'; path: string; from: unknown; to: unknown }
  | { kind: 'added'; path: string; value: unknown };

type Schemas = { now: unknown; before: unknown };
type Place = { value: unknown; now: unknown; before: unknown; path: string; depth: number };

const maxDepth = 12;

/**
 * Arguments as the current schema takes them, as far as there is no doubt: members under their new names, values in
 * another spelling or type, and the only value that a new member can have. What can't be known stays.
 * @param schemas.before an earlier schema, undefined where none is known
 */
export function fitArguments(args: unknown, schemas: Schemas): { fitted: unknown; fixes: Fix[] } {
  const known = knownArguments(args);
  if (argumentProblems(known, schemas.now).length === 0) return { fitted: args, fixes: [] };
  // What was refused before is wrong on purpose, or for another reason.
  if (schemas.before !== undefined && argumentProblems(known, schemas.before).length > 0)
    return { fitted: args, fixes: [] };
  const fixes: Fix[] = [];
  const fitted = fitValue(
    { value: args, now: schemas.now, before: schemas.before, path: '', depth: 0 },
    schemas,
    fixes,
  );
  return { fitted, fixes };
}

function fitValue(place: Place, roots: Schemas, fixes: Fix[]): unknown {
  const { value, path, depth } = place;
  const node = openSchema(place.now, roots.now);
  if (!node || depth > maxDepth || ['anyOf', 'oneOf', 'allOf', 'not', 'if'].some((key) => node.keywords.has(key)))
    return value;
  const before = place.before === undefined ? null : openSchema(place.before, roots.before);
  if (Array.isArray(value)) {
    const [items, old] = [node.keywords.get('items'), before?.keywords.get('items')];
    if (!toEntries(items)) return value;
    return value.map((item, index) =>
      fitValue({ value: item, now: items, before: old, path: `${path}[${index}]`, depth: depth + 1 }, roots, fixes),
    );
  }
  const entries = toEntries(value);
  return entries
    ? fitMembers(entries, { node, before, path, depth }, roots, fixes)
    : fitScalar(value, place, roots, fixes);
}

function fitMembers(
  entries: ReadonlyMap<string, unknown>,
  { node, before, path, depth }: { node: SchemaNode; before: SchemaNode | null; path: string; depth: number },
  roots: Schemas,
  fixes: Fix[],
): unknown {
  const [properties, old] = [schemaMap(node, 'properties'), before && schemaMap(before, 'properties')];
  const missing = [...requiredNames(node)].filter((name) => !entries.has(name));
  const isClosed = node.keywords.get('additionalProperties') === false;
  const unknown = isClosed || missing.length > 0 ? [...entries.keys()].filter((name) => !properties.has(name)) : [];
  const isFresh = (name: string) => (old ? !old.has(name) : missing.includes(name));
  const free = [...properties.keys()].filter((name) => !entries.has(name));
  const fresh = free.filter(isFresh);
  const renames = matchFields(
    unknown
      // Of a member that the earlier schema didn't know, nothing is known.
      .filter((name) => !old || old.has(name))
      .map((name) => ({ name, before: old ? { name, schema: old.get(name), root: roots.before } : null })),
    (fresh.length > 0 ? fresh : missing).map((name) => ({ name, schema: properties.get(name), root: roots.now })),
    {
      fits: (name, to) => {
        const problems = argumentProblems(knownArguments(entries.get(name)), to.schema, roots.now);
        return problems.every(({ problem }) => problem !== 'wrong_type' && problem !== 'value_not_allowed');
      },
    },
  );
  const fitted = new Map<string, unknown>();
  for (const [name, value] of entries) {
    const to = renames.get(name);
    if (to !== undefined) fixes.push({ kind: 'renamed', path: propertyPath(path, name), from: name, to });
    const key = to ?? name;
    const inner = {
      value,
      now: properties.get(key),
      before: old?.get(name),
      path: propertyPath(path, name),
      depth: depth + 1,
    };
    fitted.set(key, properties.has(key) ? fitValue(inner, roots, fixes) : value);
  }
  for (const name of missing) {
    if (fitted.has(name)) continue;
    const only = onlyValue(properties.get(name), roots.now);
    if (!only) continue;
    fitted.set(name, only.value);
    fixes.push({ kind: 'added', path: propertyPath(path, name), value: only.value });
  }
  return Object.fromEntries(fitted);
}

/** The value of a member that can have only one, or that the server names as its default. */
function onlyValue(schema: unknown, root: unknown): { value: unknown } | null {
  const node = openSchema(schema, root);
  if (!node) return null;
  if (node.keywords.has('default')) return { value: node.keywords.get('default') };
  const allowed = allowedValues(node);
  return allowed?.length === 1 ? { value: allowed[0] } : null;
}

/** A value in the type or spelling that the schema wants, where that is the same value. */
function fitScalar(value: unknown, { now, path }: Place, roots: Schemas, fixes: Fix[]): unknown {
  if (knownArguments(value) === anyValue) return value;
  if (argumentProblems(value, now, roots.now).length === 0) return value;
  const candidates = [...otherTypes(value, now, roots.now), ...otherSpellings(value, now, roots.now)].filter(
    (each) => argumentProblems(each, now, roots.now).length === 0,
  );
  const [to] = candidates;
  if (to === undefined || new Set(candidates).size !== 1) return value;
  fixes.push({ kind: 'value', path, from: value, to });
  return to;
}

function otherTypes(value: unknown, schema: unknown, root: unknown): unknown[] {
  const node = openSchema(schema, root);
  const types = (node && declaredTypes(node)) ?? [];
  if (types.includes('string') && (typeof value === 'number' || typeof value === 'boolean')) return [String(value)];
  if (typeof value !== 'string') return [];
  if ((types.includes('integer') || types.includes('number')) && String(Number(value)) === value)
    return [Number(value)];
  return types.includes('boolean') && (value === 'true' || value === 'false') ? [value === 'true'] : [];
}

/** `in_progress`, `In Progress`, `INPROGRESS`. */
function otherSpellings(value: unknown, schema: unknown, root: unknown): unknown[] {
  const node = openSchema(schema, root);
  if (!node || typeof value !== 'string') return [];
  const plain = (text: string) => text.toLowerCase().replace(/[\s_-]/g, '');
  return (allowedValues(node) ?? []).filter((each) => typeof each === 'string' && plain(each) === plain(value));
}
