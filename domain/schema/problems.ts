import { sameJson, toEntries } from '../json/json.ts';
import { propertyPath } from './labels.ts';
import { resolveReference } from './node.ts';

/** Deeper schemas are cut when they are stored. */
const maxDepth = 100;
const maxProblems = 10;
/** Enums up to this length are searched for duplicates. */
const maxCompared = 200;

const typeNames: ReadonlySet<unknown> = new Set(['string', 'number', 'integer', 'boolean', 'null', 'array', 'object']);
const dialects = /^https?:\/\/json-schema\.org\/(draft-0[4-7]|draft\/2019-09|draft\/2020-12)\/schema#?$/;

const isObject = (value: unknown): boolean => toEntries(value) !== null;
const isSchema = (value: unknown): boolean => isObject(value) || typeof value === 'boolean';
const isText = (value: unknown): boolean => typeof value === 'string';
const isNumber = (value: unknown): boolean => typeof value === 'number';
const isCount = (value: unknown): boolean => Number.isInteger(value) && Number(value) >= 0;
const isListOf = (value: unknown, fits: (item: unknown) => boolean): value is unknown[] =>
  Array.isArray(value) && value.every(fits);
const isListOfNames = (value: unknown): boolean => isListOf(value, isText) && new Set(value).size === value.length;
const isType = (value: unknown): boolean =>
  typeNames.has(value) || (isListOf(value, (item) => typeNames.has(item)) && value.length > 0);

type Rule = { fits: (value: unknown) => boolean; expected: string };
const rule = (fits: Rule['fits'], expected: string, keywords: string): [string, Rule][] =>
  keywords.split(' ').map((keyword) => [keyword, { fits, expected }]);

const mapKeywords = 'properties patternProperties $defs definitions dependentSchemas';
const listKeywords = 'allOf anyOf oneOf prefixItems';
const schemaKeywords =
  'not if then else contains propertyNames additionalProperties unevaluatedProperties unevaluatedItems additionalItems';

const rules: ReadonlyMap<string, Rule> = new Map([
  ...rule(isText, 'a string', '$schema $id $ref $anchor $dynamicRef $comment title description format pattern'),
  ...rule(isNumber, 'a number', 'minimum maximum exclusiveMinimum exclusiveMaximum'),
  ...rule((value) => isNumber(value) && Number(value) > 0, 'a number above 0', 'multipleOf'),
  ...rule(
    isCount,
    'a whole number from 0',
    'minLength maxLength minItems maxItems minProperties maxProperties minContains maxContains',
  ),
  ...rule((value) => typeof value === 'boolean', 'true or false', 'uniqueItems deprecated readOnly writeOnly'),
  ...rule(isListOfNames, 'a list of different names', 'required'),
  ...rule(Array.isArray, 'a list', 'enum examples'),
  ...rule(isType, 'a JSON Schema type, such as "string"', 'type'),
  ...rule(isObject, 'an object of schemas', `${mapKeywords} dependentRequired`),
  ...rule((value) => isListOf(value, isSchema) && value.length > 0, 'a list of schemas', listKeywords),
  ...rule(isSchema, 'a schema', schemaKeywords),
  ...rule((value) => isSchema(value) || isListOf(value, isSchema), 'a schema', 'items'),
]);
const maps: ReadonlySet<string> = new Set(mapKeywords.split(' '));

type Place = { schema: unknown; path: string; depth: number };

/**
 * Finds what validators and strict clients refuse in a schema, one sentence each. It can still be used here: what
 * can't be read is ignored.
 * @param name what the sentences call the schema: `inputSchema`
 */
export function findSchemaProblems(schema: unknown, name: string): string[] {
  const problems = new Set<string>();
  const references: { ref: string; path: string }[] = [];
  const anchors = new Set<string>();
  const pending: Place[] = [{ schema, path: name, depth: 0 }];
  for (let place = pending.pop(); place; place = pending.pop()) {
    const keywords = toEntries(place.schema);
    if (!keywords) continue;
    const { path, depth } = place;
    if (depth > maxDepth) {
      problems.add(`${name} is nested deeper than ${maxDepth} levels. The rest is ignored.`);
      continue;
    }
    const inner: Place[] = [];
    for (const [keyword, value] of keywords) {
      const at = propertyPath(path, keyword);
      const found = rules.get(keyword);
      if (found && !found.fits(value)) problems.add(`${at} is ${describeValue(value)}. It must be ${found.expected}.`);
      else for (const problem of keywordProblems(keyword, value)) problems.add(`${at} ${problem}`);
      if (keyword === '$ref' && typeof value === 'string') references.push({ ref: value, path: at });
      if (/^\$(id|anchor|dynamicAnchor)$/.test(keyword) && typeof value === 'string')
        anchors.add(value.startsWith('#') || keyword === '$id' ? value : `#${value}`);
      inner.push(...listSchemas(keyword, value, at).map((next) => ({ ...next, depth: depth + 1 })));
    }
    // The last one in is the next one out: problems come in the order of the schema.
    pending.push(...inner.reverse());
  }
  for (const { ref, path } of references) {
    const problem = referenceProblem(ref, { root: schema, anchors });
    if (problem) problems.add(`${path} ${problem}`);
  }
  const all = [...problems];
  const more = all.length - maxProblems;
  return more > 0 ? [...all.slice(0, maxProblems), `${name} has ${more} more such problems.`] : all;
}

/** The schemas in the value of a keyword. */
export function listSchemas(keyword: string, value: unknown, path: string): Omit<Place, 'depth'>[] {
  if (maps.has(keyword))
    return [...(toEntries(value) ?? [])].map(([key, schema]) => ({ schema, path: propertyPath(path, key) }));
  const expected = rules.get(keyword)?.expected;
  if (expected !== 'a schema' && expected !== 'a list of schemas') return [];
  if (!Array.isArray(value)) return [{ schema: value, path }];
  return value.map((schema, index) => ({ schema, path: `${path}[${index}]` }));
}

function keywordProblems(keyword: string, value: unknown): string[] {
  switch (keyword) {
    case 'enum':
      if (!Array.isArray(value)) return [];
      if (value.length === 0) return ['is empty, so no value is allowed.'];
      return hasDuplicates(value) ? ['has the same value twice.'] : [];
    case 'pattern':
      return isPattern(String(value))
        ? []
        : ['is not a regular expression of JavaScript. Clients refuse or ignore it.'];
    case '$schema':
      return dialects.test(String(value)) ? [] : ['names a dialect that most clients do not know.'];
    default:
      return maps.has(keyword) ? entryProblems(value) : [];
  }
}

function entryProblems(schemas: unknown): string[] {
  return [...(toEntries(schemas) ?? [])]
    .filter(([, schema]) => !isSchema(schema))
    .map(
      ([key, schema]) => `has ${JSON.stringify(key.slice(0, 80))}, which is ${describeValue(schema)}, not a schema.`,
    );
}

function hasDuplicates(values: readonly unknown[]): boolean {
  const simple = values.filter((value) => typeof value !== 'object' || value === null);
  if (new Set(simple).size < simple.length) return true;
  const others = values.filter((value) => typeof value === 'object' && value !== null).slice(0, maxCompared);
  return others.some((value, index) => others.slice(0, index).some((other) => sameJson(value, other)));
}

function isPattern(source: string): boolean {
  // Only compiled, never matched. Some are valid only without the flag.
  return ['u', ''].some((flags) => {
    try {
      return Boolean(new RegExp(source, flags));
    } catch (error) {
      if (error instanceof SyntaxError) return false;
      throw error;
    }
  });
}

function referenceProblem(
  ref: string,
  { root, anchors }: { root: unknown; anchors: ReadonlySet<string> },
): string | null {
  if (anchors.has(ref) || anchors.has(ref.replace(/#$/, ''))) return null;
  if (!ref.startsWith('#')) return `refers to another document (${clip(ref)}), which clients do not load.`;
  const target = resolveReference(ref, root);
  return isSchema(target) ? null : `refers to ${clip(ref)}, which does not exist.`;
}

const clip = (text: string): string => (text.length > 80 ? `${text.slice(0, 80)}…` : text);

/** A JSON value in a sentence: "null", "a list", "the string \"x\"". */
export function describeValue(value: unknown): string {
  if (Array.isArray(value)) return 'a list';
  switch (typeof value) {
    case 'undefined':
      return 'missing';
    case 'string':
      return `the string ${JSON.stringify(clip(value))}`;
    case 'object':
      return value === null ? 'null' : 'an object';
    default:
      return String(value);
  }
}
