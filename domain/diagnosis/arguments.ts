import { sameJson, toEntries } from '../json/json.ts';
import { allowedValues, declaredTypes, openSchema, requiredNames, type SchemaNode, schemaMap } from '../schema/node.ts';

/** A problem of one field of a call's arguments. `path` reads like `order.lines[0].sku`. */
export type ArgumentProblem = {
  path: string;
  problem: 'missing' | 'unknown' | 'wrong_type' | 'value_not_allowed';
  /** Types or values that are allowed, where that helps. */
  expected?: string;
};

const maxDepth = 12;
const maxProblems = 20;

/**
 * Fields that a schema clearly refuses: missing, unknown to a closed object, of a wrong type, or not a listed value.
 * Patterns, bounds and alternatives aren't checked: this explains a refusal, it doesn't decide one.
 */
export function argumentProblems(args: unknown, schema: unknown): ArgumentProblem[] {
  const found: ArgumentProblem[] = [];
  check({ value: args, schema, root: schema, path: '', depth: 0 }, found);
  return found.slice(0, maxProblems);
}

type Place = { value: unknown; schema: unknown; root: unknown; path: string; depth: number };

function check({ value, schema, root, path, depth }: Place, found: ArgumentProblem[]): void {
  const node = openSchema(schema, root);
  if (!node || depth > maxDepth || found.length >= maxProblems) return;
  if (['anyOf', 'oneOf', 'allOf', 'not', 'if'].some((keyword) => node.keywords.has(keyword))) return;
  const types = declaredTypes(node);
  if (types && !types.some((type) => hasType(value, type))) {
    found.push({ path, problem: 'wrong_type', expected: types.join(' or ') });
    return;
  }
  const allowed = allowedValues(node);
  if (allowed && !allowed.some((each) => sameJson(each, value)))
    found.push({ path, problem: 'value_not_allowed', expected: JSON.stringify(allowed).slice(0, 300) });
  const fields = toEntries(value);
  if (fields) checkFields({ fields, node, root, path, depth }, found);
  const items = node.keywords.get('items');
  if (Array.isArray(value) && toEntries(items))
    for (const [index, item] of value.slice(0, 100).entries())
      check({ value: item, schema: items, root, path: `${path}[${index}]`, depth: depth + 1 }, found);
}

function checkFields(
  of: { fields: Map<string, unknown>; node: SchemaNode; root: unknown; path: string; depth: number },
  found: ArgumentProblem[],
): void {
  const { fields, node, root, path, depth } = of;
  const properties = schemaMap(node, 'properties');
  const at = (name: string) => (path === '' ? name : `${path}.${name}`);
  for (const name of requiredNames(node))
    if (!fields.has(name)) {
      const open = openSchema(properties.get(name), root);
      const types = open && declaredTypes(open);
      found.push({ path: at(name), problem: 'missing', ...(types && { expected: types.join(' or ') }) });
    }
  const closed = node.keywords.get('additionalProperties') === false && !node.keywords.has('patternProperties');
  for (const [name, value] of fields) {
    if (properties.has(name))
      check({ value, schema: properties.get(name), root, path: at(name), depth: depth + 1 }, found);
    else if (closed) found.push({ path: at(name), problem: 'unknown' });
  }
}

function hasType(value: unknown, type: string): boolean {
  switch (type) {
    case 'string':
    case 'boolean':
      return typeof value === type;
    case 'number':
      return typeof value === 'number';
    case 'integer':
      return typeof value === 'number' && Number.isInteger(value);
    case 'null':
      return value === null;
    case 'array':
      return Array.isArray(value);
    case 'object':
      return toEntries(value) !== null;
    default:
      return true;
  }
}

/** "`query` is not known", "`sku` is missing (string)". */
export function describeProblems({ path, problem, expected }: ArgumentProblem): string {
  const field = path === '' ? 'the arguments' : `\`${path}\``;
  switch (problem) {
    case 'missing':
      return `${field} is missing${expected ? ` (${expected})` : ''}`;
    case 'unknown':
      return `${field} is not known`;
    case 'wrong_type':
      return path === '' ? `they have to be ${expected}` : `${field} has to be ${expected}`;
    case 'value_not_allowed':
      return `${field} has to be one of ${expected}`;
  }
}

/**
 * Renamed top-level fields, old name → new name: refused as unknown, while the only new field of the schema has the
 * same type.
 */
export function renamedFields(
  args: unknown,
  { before, now }: { before: unknown; now: unknown },
): { from: string; to: string }[] {
  const [old, current] = [openSchema(before, before), openSchema(now, now)];
  const given = toEntries(args);
  if (!old || !current || !given) return [];
  const [was, is] = [schemaMap(old, 'properties'), schemaMap(current, 'properties')];
  const listTypes = (schema: unknown, root: unknown) => {
    const open = openSchema(schema, root);
    return (open && declaredTypes(open))?.join() ?? 'any';
  };
  const fresh = [...is.keys()].filter((name) => !was.has(name) && !given.has(name));
  return [...given.keys()]
    .filter((name) => was.has(name) && !is.has(name))
    .flatMap((from) => {
      const fitting = fresh.filter((name) => listTypes(is.get(name), now) === listTypes(was.get(from), before));
      const [to] = fitting;
      return to !== undefined && fitting.length === 1 ? [{ from, to }] : [];
    });
}
