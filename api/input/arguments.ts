import { nameSimilarity } from '../../domain/catalog/tool-similarity.ts';
import { type FieldError, fieldPath } from '../../domain/error/error.ts';
import { isDeeperThan } from './depth.ts';
import { isNone, isSchema, listAlternatives, type Schema, toMapValue } from './json-schema.ts';

/** What a schema describes, read from what an agent sent, and what is wrong with its names. */
export type Reading = { value: unknown; fieldErrors: FieldError[] };

/**
 * Reads arguments as agents write them: null is left out; other spellings, numbers, booleans and JSON in text, and maps
 * as lists of names and values become what the schema asks for where it leaves no doubt. Validates names only.
 * @param options.keepsNull null is a value of its own, as programs send it
 */
export function readArguments(
  schema: Schema,
  given: unknown,
  { keepsNull = false }: { keepsNull?: boolean } = {},
): Reading {
  const fieldErrors: FieldError[] = [];
  return { value: readValue(schema, given, { path: [], fieldErrors, keepsNull }), fieldErrors };
}

type Place = { path: readonly (string | number)[]; fieldErrors: FieldError[]; keepsNull: boolean };

const within = (place: Place, part: string | number): Place => ({ ...place, path: [...place.path, part] });
const refuse = ({ path, fieldErrors }: Place, message: string): void => {
  fieldErrors.push({ field: fieldPath(path), message });
};

function readValue(schema: Schema, given: unknown, place: Place): unknown {
  const alternatives = listAlternatives(schema);
  if (alternatives.length > 0) return readAlternative(alternatives, given, place);
  const value = fits(schema, given) ? given : (fromText(schema, given) ?? given);
  if (Array.isArray(value)) {
    const map = toMapValue(schema);
    if (map) return readMap(map, value, place);
    const { items } = schema;
    if (!isSchema(items)) return value;
    return value.map((item, index) => readValue(items, item, within(place, index)));
  }
  return isRecord(value) && schema.properties ? readObject(schema.properties, value, place) : value;
}

/** The alternative that a value fits; else the only one that its text fits. */
function readAlternative(alternatives: readonly Schema[], given: unknown, place: Place): unknown {
  const fitting = alternatives.find((each) => fits(each, given));
  if (fitting) return readValue(fitting, given, place);
  const [one, other] = alternatives.filter((each) => fromText(each, given) !== undefined);
  return one && !other ? readValue(one, given, place) : given;
}

const jsonTypes = ['null', 'boolean', 'number', 'string', 'array', 'object'] as const;
function typeOf(value: unknown): (typeof jsonTypes)[number] | undefined {
  if (value === null) return 'null';
  return Array.isArray(value) ? 'array' : jsonTypes.find((type) => type === typeof value);
}

/** Whether a value is of the type of a schema and, for an object, of its kind. */
function fits({ type, enum: values, const: only, properties = {} }: Schema, value: unknown): boolean {
  const actual = typeOf(value);
  const types = [type ?? []].flat().map((each) => (each === 'integer' ? 'number' : each));
  if (types.length > 0 && !types.some((each) => each === actual)) return false;
  if (values && !values.some((each) => each === value)) return false;
  if (only !== undefined && only !== value) return false;
  return Object.entries(properties).every(
    ([name, property]) =>
      !isSchema(property) || property.const === undefined || (isRecord(value) && value[name] === property.const),
  );
}

const decimal = /^-?\d+(\.\d+)?(e[+-]?\d+)?$/i;
/** Levels of JSON in a text; what reads further is bounded by the schema. */
const maxDepth = 64;

/** The number, boolean, list or object that a text stands for; undefined when the schema asks for none of them. */
function fromText(schema: Schema, given: unknown): unknown {
  if (typeof given !== 'string') return undefined;
  const types = new Set([schema.type ?? []].flat());
  const text = given.trim();
  if ((types.has('number') || types.has('integer')) && decimal.test(text)) return Number(text);
  if (types.has('boolean') && /^(true|false)$/i.test(text)) return text.toLowerCase() === 'true';
  const isList = text.startsWith('[') && (types.has('array') || toMapValue(schema) !== null);
  if (!isList && !(text.startsWith('{') && types.has('object'))) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    return isDeeperThan(value, maxDepth) ? undefined : value;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

function readObject(properties: Properties, given: Record, place: Place): Record {
  const read = new Map<string, unknown>();
  const names = Object.keys(properties);
  let isListed = false;
  for (const [name, value] of Object.entries(given)) {
    if (value === undefined || (value === null && !place.keepsNull)) continue;
    const { name: known, value: meant } = Object.hasOwn(properties, name)
      ? { name, value }
      : readAlias(properties, name, value);
    const schema = properties[known];
    const at = within(place, name);
    if (!Object.hasOwn(properties, known) || !isSchema(schema)) {
      refuse(at, describeUnknown(name, names, { listed: !isListed }));
      isListed = true;
    } else if (known !== name && Object.hasOwn(given, known) && given[known] !== null)
      refuse(at, `This is another name of ${known}, which is given too: send one of them.`);
    else if (read.has(known)) refuse(at, `${known} is given twice.`);
    else
      read.set(
        known,
        isNone(schema.none) && meant === schema.none.word ? null : readValue(schema, meant, within(place, known)),
      );
  }
  if (names.includes('op') && !read.has('op') && (read.has('text') || read.has('isRequired'))) read.set('op', 'update');
  return Object.fromEntries(read);
}

/** Other names that agents give to what a schema has. */
const aliases: { [name: string]: string } = {
  mcpServerId: 'serverId',
  modelId: 'model',
  model: 'modelId',
  allowed_tools: 'allowedTools',
  blocked_tools: 'blockedTools',
};

function readAlias(properties: Properties, name: string, value: unknown): { name: string; value: unknown } {
  const known = Object.hasOwn(aliases, name) ? aliases[name] : undefined;
  if (known !== undefined && Object.hasOwn(properties, known)) return { name: known, value };
  if (name === 'model' && Object.hasOwn(properties, 'testerModels')) return { name: 'testerModels', value: [value] };
  return { name, value };
}

/** Below this, two names have too little in common to be one misspelled. */
const minSimilarity = 0.5;

function describeUnknown(name: string, known: readonly string[], { listed }: { listed: boolean }): string {
  const [nearest] = known
    .map((each) => ({ name: each, similarity: nameSimilarity(name, each) }))
    .filter(({ similarity }) => similarity >= minSimilarity)
    .sort((one, other) => other.similarity - one.similarity);
  const sentences = [
    'There is no such argument.',
    ...(nearest ? [`Did you mean ${nearest.name}?`] : []),
    ...(listed ? [`The arguments here are ${known.join(', ')}.`] : []),
  ];
  return sentences.join(' ');
}

function readMap(schema: Schema, given: readonly unknown[], place: Place): unknown {
  const read = new Map<string, unknown>();
  for (const [index, entry] of given.entries()) {
    const at = within(place, index);
    if (!isRecord(entry) || typeof entry.name !== 'string') refuse(at, 'This must be an object with name and value.');
    else if (read.has(entry.name)) refuse(within(at, 'name'), 'This name is given twice.');
    else read.set(entry.name, readValue(schema, entry.value, within(at, 'value')));
  }
  return Object.fromEntries(read);
}

type Record = { [name: string]: unknown };
type Properties = NonNullable<Schema['properties']>;
const isRecord = (value: unknown): value is Record => typeOf(value) === 'object';
