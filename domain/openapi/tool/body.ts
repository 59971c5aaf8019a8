import { asList, asNode, asText, isNode, type Node } from '../document/node.ts';
import type { Converted, Definitions } from '../schema/definitions.ts';
import { readTypes } from '../schema/keywords.ts';
import { bytesSchema, fileSchema, isFile } from './file.ts';
import { bodyKind, isMediaType, isRange } from './media-type.ts';
import type { Operation, Refuse } from './operations.ts';
import type { BodyKind, BodyPlan, FieldPlan, RefusedOperation } from './tool.ts';

/** The body of an operation, before it has its place in the arguments: its media types, each with its schema. */
export type Body = { required: boolean; description: string; types: (BodyPlan & Converted)[] };

export function readBody(
  { body, method }: Operation,
  definitions: Definitions,
  refuse: Refuse,
): Body | RefusedOperation | null {
  if (!body) return null;
  const given = Object.entries(asNode(body.content)).filter(([mediaType]) => isMediaType(mediaType));
  const usable = given.flatMap(([mediaType, media]) => {
    const kind = bodyKind(mediaType);
    return kind ? [{ mediaType, kind, media: asNode(media) }] : [];
  });
  const required = body.required === true;
  if (method === 'GET' || method === 'HEAD') {
    if (!required || usable.length === 0) return null;
    return refuse(
      'body_of_get',
      `HTTP clients don't send a ${method} with a body. Make the body optional, or use POST.`,
    );
  }
  if (usable.length === 0) {
    if (!required || given.length === 0) return null;
    const types = given.map(([mediaType]) => mediaType).join(', ');
    return refuse('media_type', `The body is ${types.slice(0, 200)}, which isn't supported. Add another media type.`);
  }
  // A range beside a media type that can be named says nothing new.
  const named = usable.filter(({ mediaType }) => !isRange(mediaType));
  const read = (named.length > 0 ? named : usable.slice(0, 1)).map((each) => readType(each, definitions));
  const callable = read.filter(isCallable);
  const types = callable.length > 0 ? callable : read;
  types.sort((one, two) => rank(one.kind) - rank(two.kind));
  return { required, description: asText(body.description).trim(), types };
}

/** A form has named fields: one whose schema is, say, a list can't be written. */
const isCallable = ({ kind, schema }: BodyPlan & Converted): boolean =>
  (kind !== 'form' && kind !== 'multipart') || readTypes(asNode(schema))?.includes('object') !== false;

const order: readonly BodyKind[] = ['json', 'form', 'multipart', 'text', 'bytes'];
const rank = (kind: BodyKind): number => order.indexOf(kind);

type Given = { mediaType: string; kind: BodyKind; media: Node };

function readType({ mediaType, kind, media }: Given, definitions: Definitions): BodyPlan & Converted {
  const type = { mediaType, kind, fields: readFields(media, kind === 'form' || definitions.version === '3.1') };
  const none = { missing: [] };
  if (kind === 'text') return { ...type, ...none, takesText: true, schema: { type: 'string' } };
  if (kind === 'bytes') return { ...type, ...none, takesText: true, schema: bytesSchema(mediaType) };
  if (kind === 'json')
    return { ...type, ...definitions.convert(media.schema ?? {}), takesText: takesText(media.schema, definitions, 0) };
  const merged = mergeMembers(media.schema, definitions, 0);
  // A form is an object, also where its schema doesn't say so; one of another type isn't callable.
  const converted = definitions.convert(readTypes(merged) ? merged : { ...merged, type: 'object' });
  return {
    ...type,
    ...converted,
    takesText: false,
    schema: kind === 'multipart' ? withFiles(converted.schema, merged, definitions) : converted.schema,
  };
}

const fieldStyles = ['form', 'spaceDelimited', 'pipeDelimited', 'deepObject'] as const;

/** In 3.0, parts of a multipart body have no style. */
function readFields(media: Node, hasStyles: boolean): BodyPlan['fields'] {
  const fields = Object.entries(asNode(media.encoding)).map(([name, given]): [string, FieldPlan] => {
    const encoding = asNode(given);
    const style = fieldStyles.find((each) => each === encoding.style);
    return [
      name,
      {
        ...(hasStyles && style && { style }),
        ...(hasStyles && typeof encoding.explode === 'boolean' && { explode: encoding.explode }),
        ...(hasStyles && encoding.allowReserved === true && { allowReserved: true }),
        ...(typeof encoding.contentType === 'string' && { contentType: encoding.contentType }),
      },
    ];
  });
  return Object.fromEntries(fields);
}

const maxNesting = 8;

/** An object with the members of all its parts (`allOf`): a form has members, whatever they are composed of. */
function mergeMembers(schema: unknown, definitions: Definitions, nesting: number): Node {
  const { allOf, ...own } = definitions.open(schema);
  if (!Array.isArray(allOf) || nesting > maxNesting) return own;
  const parts = allOf.map((part) => mergeMembers(part, definitions, nesting + 1));
  const all = [...parts, own];
  const rest = Object.assign({}, ...all);
  const required = all.flatMap((part) => asList(part.required));
  return {
    ...rest,
    properties: Object.fromEntries(all.flatMap((part) => Object.entries(asNode(part.properties)))),
    ...(required.length > 0 ? { required: [...new Set(required)] } : {}),
  };
}

function withFiles(converted: unknown, merged: Node, definitions: Definitions): unknown {
  if (!isNode(converted) || !isNode(converted.properties)) return converted;
  const file = fileSchema({ named: true, mediaType: true });
  const properties = Object.entries(converted.properties).map(([name, schema]) => {
    const given = definitions.open(asNode(merged.properties)[name]);
    const description = asText(given.description).trim();
    const described = description === '' ? file : { ...file, description };
    if (isFile(given)) return [name, described];
    return [name, isFile(definitions.open(given.items)) ? { ...asNode(schema), items: described } : schema];
  });
  return { ...converted, properties: Object.fromEntries(properties) };
}

/** Whether a text fits a schema: else a model that gives JSON as text means what is written in it. */
function takesText(schema: unknown, definitions: Definitions, nesting: number): boolean {
  if (nesting > maxNesting) return true;
  const node = definitions.open(schema);
  const types = readTypes(node);
  if (types) return types.includes('string');
  const alternatives = [...asList(node.anyOf), ...asList(node.oneOf)];
  const all = asList(node.allOf);
  if (alternatives.length > 0) return alternatives.some((each) => takesText(each, definitions, nesting + 1));
  if (all.length > 0) return all.every((each) => takesText(each, definitions, nesting + 1));
  return !isNode(node.properties) && node.items === undefined;
}
