import { own } from '../document/node.ts';
import { isMediaType, isRange } from '../tool/media-type.ts';
import type { ApiTool, BodyPlan } from '../tool/tool.ts';
import { chooseType, ToolInputError, withLongNumbers } from './arguments.ts';
import { isOneOf, readContent, type WrittenBody } from './bytes.ts';
import { encodeForm } from './encode.ts';
import { fieldPairs, fieldPlan, isStyled, membersOf } from './fields.ts';
import { writeMultipart } from './multipart.ts';
import { isObject, type Pairs, toText } from './style.ts';

/** The body of a request; null where the call gives none. */
export function buildBody(tool: ApiTool, args: { [name: string]: unknown }): WrittenBody | null {
  const { body } = tool.plan;
  if (!body) return null;
  const { value, schema } = body.flat
    ? flatBody(tool, args, body.flat)
    : { value: args.body, schema: tool.inputSchema.properties.body };
  if (value === undefined) {
    if (body.required) throw new ToolInputError('body', 'The body is missing. Give it.');
    return null;
  }
  const type = knownType(body.types, args.content_type);
  switch (type.kind) {
    case 'json':
      // The schema may allow a text for the sake of another media type.
      if (typeof value === 'string' && !type.takesText)
        throw new ToolInputError(
          'body',
          `The body is ${type.mediaType} and can’t be a text. Give it as its schema says.`,
        );
      return { contentType: type.mediaType, content: JSON.stringify(withLongNumbers(value, schema, tool.inputSchema)) };
    case 'form':
      return { contentType: type.mediaType, content: writeForm(type, value) };
    case 'multipart':
      return writeMultipart(type, value);
    case 'text':
      if (typeof value === 'object' && value !== null)
        throw new ToolInputError('body', `The body is ${type.mediaType}. Give it as text.`);
      return { contentType: type.mediaType, content: toText(value) };
    case 'bytes':
      return writeBytes(type, value);
  }
}

/** A body whose members are arguments. None of them is no body, where the body may be left out. */
function flatBody({ plan, inputSchema }: ApiTool, args: { [name: string]: unknown }, names: readonly string[]) {
  const given = names.filter((name) => Object.hasOwn(args, name) && args[name] !== undefined);
  const properties = Object.fromEntries(names.map((name) => [name, own(inputSchema.properties, name)]));
  const isGiven = given.length > 0 || plan.body?.required === true;
  return {
    value: isGiven ? Object.fromEntries(given.map((name) => [name, args[name]])) : undefined,
    schema: { properties },
  };
}

function knownType(types: readonly BodyPlan[], wanted: unknown): BodyPlan {
  const found = chooseType(types, wanted);
  if (found) return found;
  const known = types.map(({ mediaType }) => mediaType).join(', ');
  throw new ToolInputError('content_type', `The body can't be of this media type. Choose one of ${known}.`);
}

/** `application/x-www-form-urlencoded`. Without a style of its own, a list is repeated and an object is JSON. */
function writeForm({ fields }: BodyPlan, value: unknown): string {
  const pairs = membersOf(value).flatMap(([name, member]): Pairs => {
    const field = fieldPlan(fields, name);
    const encode = (text: string) => encodeForm(text, field.allowReserved);
    if (!isStyled(field) && (field.contentType !== undefined || isObject(member)))
      return [[encode(name), encode(toText(member))]];
    return fieldPairs(name, field, member, encode);
  });
  return pairs.map(([name, text]) => `${name}=${text}`).join('&');
}

function writeBytes({ mediaType }: BodyPlan, value: unknown): WrittenBody {
  const content = readContent('body', value);
  if (!isRange(mediaType)) return { contentType: mediaType, content: content.bytes };
  const chosen = content.mediaType ?? 'application/octet-stream';
  if (!isMediaType(chosen) || isRange(chosen) || !isOneOf(chosen, mediaType))
    throw new ToolInputError(
      'body.media_type',
      `The body's media type must be one of ${mediaType}. Give it as \`media_type\`.`,
    );
  return { contentType: chosen, content: content.bytes };
}
