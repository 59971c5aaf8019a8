import { compilePattern, maxTextLength, PatternError } from '../assertion/pattern.ts';
import { sameJson, toEntries } from '../json/json.ts';
import { allowedValues, declaredTypes, openSchema, requiredNames, type SchemaNode, schemaMap } from './node.ts';

/** A problem of one field of a call's arguments. `path` reads like `order.lines[0].sku`. */
export type ArgumentProblem = {
  path: string;
  problem: 'missing' | 'unknown' | 'wrong_type' | 'value_not_allowed' | 'out_of_bounds';
  /** Types or values that are allowed, where that helps. */
  expected?: string;
};

/** Stands for a value that isn't known yet, such as one of an earlier result: any schema takes it. */
export const anyValue = Symbol('any value');

const maxDepth = 12;
const maxProblems = 20;

/**
 * Fields that a schema clearly refuses: missing, unknown to a closed object, of a wrong type, not a listed value, or
 * beyond a bound. Alternatives and formats aren't checked: this explains a refusal, it doesn't decide one.
 * @param root what references are resolved in, where the schema is part of another
 */
export function argumentProblems(args: unknown, schema: unknown, root = schema): ArgumentProblem[] {
  const found: ArgumentProblem[] = [];
  check({ value: args, schema, root, path: '', depth: 0 }, found);
  return found.slice(0, maxProblems);
}

type Place = { value: unknown; schema: unknown; root: unknown; path: string; depth: number };

function check({ value, schema, root, path, depth }: Place, found: ArgumentProblem[]): void {
  const node = openSchema(schema, root);
  if (!node || value === anyValue || depth > maxDepth || found.length >= maxProblems) return;
  if (['anyOf', 'oneOf', 'allOf', 'not', 'if'].some((keyword) => node.keywords.has(keyword))) return;
  const types = declaredTypes(node);
  if (types && !types.some((type) => hasType(value, type))) {
    found.push({ path, problem: 'wrong_type', expected: types.join(' or ') });
    return;
  }
  const allowed = allowedValues(node);
  if (allowed && !allowed.some((each) => sameJson(each, value)))
    found.push({ path, problem: 'value_not_allowed', expected: JSON.stringify(allowed).slice(0, 300) });
  const bound = brokenBound(value, node);
  if (bound !== null) found.push({ path, problem: 'out_of_bounds', expected: bound });
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

/** The first bound that a value is beyond, in words. */
function brokenBound(value: unknown, { keywords }: SchemaNode): string | null {
  const limit = (keyword: string): number | null => {
    const number = keywords.get(keyword);
    return typeof number === 'number' ? number : null;
  };
  const beyond = (size: number, of: readonly [least: string, most: string], words: (bound: string) => string) => {
    const [least, most] = of.map(limit);
    if (least != null && size < least) return words(`at least ${least}`);
    return most != null && size > most ? words(`at most ${most}`) : null;
  };
  if (typeof value === 'number') {
    const [above, below] = [limit('exclusiveMinimum'), limit('exclusiveMaximum')];
    if (above !== null && value <= above) return `greater than ${above}`;
    if (below !== null && value >= below) return `less than ${below}`;
    return beyond(value, ['minimum', 'maximum'], (bound) => bound);
  }
  if (Array.isArray(value))
    return beyond(value.length, ['minItems', 'maxItems'], (bound) => `a list of ${bound} items`);
  if (typeof value !== 'string') return null;
  const length = beyond(value.length, ['minLength', 'maxLength'], (bound) => `${bound} characters long`);
  return length ?? brokenPattern(value, keywords.get('pattern'));
}

function brokenPattern(value: string, pattern: unknown): string | null {
  if (typeof pattern !== 'string' || value.length > maxTextLength) return null;
  try {
    return compilePattern(pattern, '').foundIn(value) ? null : `a text that matches ${pattern.slice(0, 200)}`;
  } catch (error) {
    // A pattern that can't be read in linear time is left to the server.
    if (error instanceof PatternError) return null;
    throw error;
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
export function describeProblem({ path, problem, expected }: ArgumentProblem): string {
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
    case 'out_of_bounds':
      return `${field} has to be ${expected}`;
  }
}
