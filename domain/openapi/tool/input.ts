import { asNode, isNode } from '../document/node.ts';
import { cutText } from '../schema/convert.ts';
import type { Definitions } from '../schema/definitions.ts';
import { shortHash } from '../schema/hash.ts';
import type { Body } from './body.ts';
import type { Parameter } from './parameters.ts';
import type { ParameterPlace, ParameterPlan, RequestPlan, ToolInputSchema } from './tool.ts';

export type Input = {
  schema: ToolInputSchema;
  parameters: ParameterPlan[];
  body: RequestPlan['body'];
  answer: string;
  missing: string[];
  /** Of the schema as JSON. */
  size: number;
};

type Property = { name: string; schema: unknown; required: boolean };
type Placed = { properties: Property[]; plans: ParameterPlan[] };

const answerName = 'answer';
const bodyName = 'body';
const typeName = 'content_type';
const places: readonly ParameterPlace[] = ['path', 'query', 'header', 'cookie'];
const maxDescriptionLength = 500;

/** The arguments of a tool: what an operation takes, flat where names don't collide, and what to return. */
export function buildInput(of: {
  parameters: readonly Parameter[];
  body: Body | null;
  definitions: Definitions;
  readOnly: boolean;
}): Input {
  const { parameters, body, definitions, readOnly } = of;
  const missing: string[] = [];
  const convert = (parameter: Parameter): Property => {
    const converted = definitions.convert(parameter.schema);
    missing.push(...converted.missing);
    return { name: parameter.name, required: parameter.required, schema: describe(converted.schema, parameter) };
  };
  const reserved = [answerName, ...(body ? [bodyName, typeName] : [])];
  const placed = placeFlat(parameters, reserved, convert) ?? placeGrouped(parameters, convert);
  for (const type of body?.types ?? []) missing.push(...type.missing);
  const bodyPart = body && placeBody(body, [...placed.properties.map(({ name }) => name), answerName], definitions);
  const properties = [
    ...placed.properties,
    ...(bodyPart?.properties ?? []),
    { name: answerName, schema: answerSchema(readOnly), required: false },
  ];
  const required = properties.flatMap((each) => (each.required ? [each.name] : []));
  const own: ToolInputSchema = {
    type: 'object',
    properties: Object.fromEntries(properties.map(({ name, schema }) => [name, schema])),
    ...(required.length > 0 && { required }),
    additionalProperties: false,
  };
  const closure = definitions.closure(own.properties);
  const hasDefinitions = Object.keys(closure.$defs).length > 0;
  return {
    schema: hasDefinitions ? { ...own, $defs: closure.$defs } : own,
    parameters: placed.plans,
    body: bodyPart?.plan ?? null,
    answer: answerName,
    missing: [...missing, ...closure.missing],
    size: JSON.stringify(own).length + (hasDefinitions ? closure.size + 10 : 0),
  };
}

const describe = (schema: unknown, { description, deprecated }: Parameter): unknown => {
  if (!isNode(schema)) return schema;
  const { description: own, ...rest } = schema;
  const text = description === '' ? own : cutText(description, maxDescriptionLength);
  return { ...(text === undefined ? {} : { description: text }), ...rest, ...(deprecated && { deprecated }) };
};

/** Null where two would have the same name. */
function placeFlat(
  parameters: readonly Parameter[],
  reserved: readonly string[],
  convert: (parameter: Parameter) => Property,
): Placed | null {
  const names = parameters.map(({ name }) => argumentName(name));
  if (new Set([...names, ...reserved]).size < names.length + reserved.length) return null;
  return {
    properties: parameters.map((each, index) => ({ ...convert(each), name: names[index] ?? each.name })),
    plans: parameters.map((each, index) => toPlan(each, [names[index] ?? each.name])),
  };
}

const usableName = /^[A-Za-z0-9_.-]{1,64}$/;

/** Models' interfaces allow few characters in the names of arguments: `filter[name]` is `filter_name`. */
function argumentName(name: string): string {
  if (usableName.test(name)) return name;
  const plain = name.replace(/[^A-Za-z0-9_.-]+/g, '_').replace(/^_+|_+$/g, '');
  return plain !== '' && plain.length <= 64 ? plain : `${plain.slice(0, 55)}_${shortHash(name)}`;
}

/** One object for each place, with the names of the document. */
function placeGrouped(parameters: readonly Parameter[], convert: (parameter: Parameter) => Property): Placed {
  const groups = places.flatMap((place): Property[] => {
    const members = parameters.filter((each) => each.in === place).map(convert);
    if (members.length === 0) return [];
    const required = members.flatMap((each) => (each.required ? [each.name] : []));
    const schema = {
      type: 'object',
      properties: Object.fromEntries(members.map((each) => [each.name, each.schema])),
      ...(required.length > 0 && { required }),
      additionalProperties: false,
    };
    return [{ name: place, schema, required: required.length > 0 }];
  });
  return { properties: groups, plans: parameters.map((each) => toPlan(each, [each.in, each.name])) };
}

const toPlan = ({ schema: _, description: __, deprecated: ___, ...rest }: Parameter, at: string[]): ParameterPlan => ({
  ...rest,
  at,
});

function placeBody(body: Body, taken: readonly string[], definitions: Definitions) {
  const types = body.types.map(({ schema: _, missing: __, ...plan }) => plan);
  const [only] = body.types;
  const members = body.types.length === 1 && only ? closedMembers(only.schema, body.required, definitions) : null;
  if (members?.every(({ name }) => usableName.test(name) && !taken.includes(name)))
    return { properties: members, plan: { required: body.required, types, flat: members.map(({ name }) => name) } };

  const schemas = distinct(body.types.map(({ schema }) => schema));
  const schema = schemas.length === 1 ? schemas[0] : { anyOf: schemas };
  const description = cutText(body.description, maxDescriptionLength);
  const described = description === '' || !isNode(schema) ? schema : { ...schema, description };
  const choice = {
    type: 'string',
    enum: types.map(({ mediaType }) => mediaType),
    default: types[0]?.mediaType,
    description: 'The media type of the body.',
  };
  const properties: Property[] = [{ name: bodyName, schema: described, required: body.required }];
  if (types.length > 1) properties.push({ name: typeName, schema: choice, required: false });
  return { properties, plan: { required: body.required, types, flat: null } };
}

const distinct = (schemas: readonly unknown[]): unknown[] => [
  ...new Map(schemas.map((schema) => [JSON.stringify(schema), schema])).values(),
];

const closedKeywords = new Set('type properties required additionalProperties title description deprecated'.split(' '));

/** The members of an object that allows no others; null for any other schema. */
function closedMembers(schema: unknown, isRequired: boolean, definitions: Definitions): Property[] | null {
  const node = definitions.resolve(schema);
  if (!isNode(node) || node.additionalProperties !== false || !isNode(node.properties)) return null;
  if (node.type !== 'object' || !Object.keys(node).every((keyword) => closedKeywords.has(keyword))) return null;
  const required = new Set(Array.isArray(node.required) ? node.required : []);
  if (!isRequired && required.size > 0) return null;
  const members = Object.entries(asNode(node.properties));
  if (members.length === 0 || [...required].some((name) => !Object.hasOwn(asNode(node.properties), String(name))))
    return null;
  return members.map(([name, member]) => ({ name, schema: member, required: required.has(name) }));
}

/** Going on where an answer was cut means calling again, so only reads can. */
const answerSchema = (readOnly: boolean): unknown => ({
  type: 'object',
  description: readOnly
    ? 'Of the answer: `fields` picks members ("items.id"), `offset` continues a cut text.'
    : 'Of the answer: `fields` picks members ("items.id").',
  properties: {
    fields: { type: 'array', items: { type: 'string' } },
    ...(readOnly && { offset: { type: 'integer', minimum: 0 } }),
  },
  additionalProperties: false,
});
