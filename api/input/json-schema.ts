import { z } from 'zod';

/** JSON Schema as zod writes it. */
export type Schema = z.core.JSONSchema.BaseSchema;
type Properties = NonNullable<Schema['properties']>;
export type ObjectSchema = { type: 'object'; [keyword: string]: unknown };

declare module 'zod' {
  interface GlobalMeta {
    /** The word that agents send for null, which they send for what they leave out. */
    none?: { word: string; means: string };
  }
}

/** JSON Schema (2020-12) of what callers send, with everything that reading it needs (./arguments.ts). */
export const toSchema = (schema: z.ZodType): Schema => z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' });

/**
 * The schema as agents see it. It converts to the strict mode of OpenAI's API: objects are closed, a map is a list of
 * names and values, nothing is null, and there are only keywords that it knows. Short, because agents read all of it.
 */
export function toListedInput(schema: Schema): ObjectSchema {
  return { ...listInput(schema), type: 'object' };
}

function listInput(schema: Schema): Schema {
  const { type, description, enum: values, const: only, format, minimum, maximum, minItems, maxItems } = schema;
  const alternatives = listAlternatives(schema);
  if (alternatives.length === 1 && alternatives[0])
    return { ...listInput(alternatives[0]), ...describe(schema, alternatives[0].description) };
  const types = [type ?? []].flat().filter((each) => each !== 'null');
  const map = toMapValue(schema);
  return {
    ...(types.length > 0 && { type: map ? 'array' : types.length === 1 ? types[0] : types }),
    ...describe(schema, description),
    ...(values && { enum: values.filter((value) => value !== null) }),
    ...(only !== undefined && { const: only }),
    ...(format === 'date-time' && { format }),
    ...bound({ minimum, maximum, minItems, maxItems }),
    ...(alternatives.length > 1 && { anyOf: alternatives.map(listInput) }),
    ...(isSchema(schema.items) && { items: listInput(schema.items) }),
    ...(map && { items: toEntry(map) }),
    ...(schema.properties && {
      properties: listProperties(schema.properties, listInput),
      ...(schema.required && schema.required.length > 0 && { required: schema.required }),
      additionalProperties: false,
    }),
  };
}

/** The alternatives of a schema, without null. */
export const listAlternatives = ({ anyOf, oneOf }: Schema): Schema[] =>
  [...(anyOf ?? []), ...(oneOf ?? [])].filter(isSchema).filter(({ type }) => type !== 'null');

/** The schema of the values if it is a map from any name to a value. */
export function toMapValue({ properties, additionalProperties }: Schema): Schema | null {
  return !properties && isSchema(additionalProperties) ? additionalProperties : null;
}

const toEntry = (value: Schema): Schema => ({
  type: 'object',
  properties: { name: { type: 'string' }, value: listInput(value) },
  required: ['name', 'value'],
  additionalProperties: false,
});

export const isSchema = (value: unknown): value is Schema =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Says the default and the word for null in words: strict mode knows neither. */
function describe({ default: standard, none }: Schema, description: string | undefined): { description?: string } {
  const isTold = ['number', 'string', 'boolean'].includes(typeof standard) && standard !== '';
  const sentences = [
    ...(description ? [description] : []),
    ...(isTold ? [`Default: ${standard}.`] : []),
    ...(isNone(none) ? [`"${none.word}": ${none.means}.`] : []),
  ];
  return sentences.length > 0 ? { description: sentences.join(' ') } : {};
}

export const isNone = (none: unknown): none is { word: string; means: string } =>
  typeof none === 'object' && none !== null && 'word' in none;

const bound = (bounds: { [keyword: string]: number | undefined }): Schema =>
  Object.fromEntries(
    Object.entries(bounds).filter(
      ([, value]) => value !== undefined && Number.isSafeInteger(value) && Math.abs(value) < Number.MAX_SAFE_INTEGER,
    ),
  );

const listProperties = (properties: Properties, list: (schema: Schema) => Schema): Properties =>
  Object.fromEntries(
    Object.entries(properties).flatMap(([name, value]) => (isSchema(value) ? [[name, list(value)]] : [])),
  );

/** JSON Schema of an answer, whole. */
export const toAnswerSchema = (schema: z.ZodType): Schema =>
  z.toJSONSchema(schema, { io: 'output', unrepresentable: 'any' });

/** Characters of the schema of an answer. Agents read all tools at once, and few models are shown these schemas. */
const maxOutputLength = 700;
const maxOutputDepth = 4;

/**
 * The schema of an answer as agents see it: names and types, as deep as the length allows. Answers stay open, so that
 * new members don't break clients that validate them.
 */
export function toListedOutput(whole: Schema): ObjectSchema {
  for (let depth = maxOutputDepth; ; depth -= 1) {
    const { required } = whole;
    const listed: ObjectSchema = { ...listOutput(whole, depth), ...(required && { required }), type: 'object' };
    if (depth === 1 || JSON.stringify(listed).length <= maxOutputLength) return listed;
  }
}

function listOutput(schema: Schema, depth: number): Schema {
  const { type, properties, items, anyOf, oneOf } = schema;
  const [one, ...others] = listAlternatives(schema);
  // What has several forms is left open, since naming them all would be longer than they are useful.
  if (one && others.length > 0) return {};
  if (one) {
    const isNullable = [...(anyOf ?? []), ...(oneOf ?? [])].length > 1;
    const listed = listOutput(one, depth);
    return isNullable && typeof listed.type === 'string' ? { ...listed, type: [listed.type, 'null'] } : listed;
  }
  return {
    ...(type && { type }),
    ...(depth > 0 && properties && { properties: listProperties(properties, (each) => listOutput(each, depth - 1)) }),
    ...(depth > 0 && isSchema(items) && { items: listOutput(items, depth - 1) }),
  };
}
