import { parseExactly, readNumber } from '../../json/exact.ts';
import { resolveReference } from '../../schema/node.ts';
import { asList, isNode, own } from '../document/node.ts';
import type { ApiTool, BodyPlan } from '../tool/tool.ts';
import { isObject } from './style.ts';

/** A call that can't become a request: what is wrong and what to do. `field` reads like `body.items`. */
export class ToolInputError extends Error {
  override readonly name = 'ToolInputError';
  readonly field: string;

  constructor(field: string, message: string) {
    super(message);
    this.field = field;
  }
}

export type AnswerOptions = { fields?: string[]; offset?: number };

/**
 * The arguments of a call as its schema means them, and what of the answer is wanted. A body that was given as JSON
 * text is read once, where its schema allows no text. Do this before checking the arguments against the schema.
 */
export function prepareArguments(
  tool: ApiTool,
  given: unknown,
): { args: { [name: string]: unknown }; answer: AnswerOptions } {
  const { [tool.plan.answer]: answer, ...args } = isObject(given) ? given : {};
  const { body } = tool.plan;
  if (
    body?.flat === null &&
    typeof args.body === 'string' &&
    chooseType(body.types, args.content_type)?.takesText === false
  ) {
    const read = readJson(args.body);
    if (read !== undefined) args.body = read;
  }
  return { args, answer: readAnswerOptions(answer) };
}

/**
 * The media type that a call wants; undefined for one that the operation doesn't have. Only where there are several can
 * it be chosen: else `content_type` is a member of the body.
 */
export const chooseType = (types: readonly BodyPlan[], wanted: unknown): BodyPlan | undefined =>
  wanted === undefined || types.length === 1 ? types[0] : types.find(({ mediaType }) => mediaType === wanted);

function readJson(text: string): unknown {
  try {
    return parseExactly(text);
  } catch (error) {
    // It stays as it is: the schema says what is wrong with it.
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

function readAnswerOptions(given: unknown): AnswerOptions {
  if (!isNode(given)) return {};
  const fields = asList(given.fields).filter((field) => typeof field === 'string');
  const { offset } = given;
  return {
    ...(fields.length > 0 && { fields }),
    ...(typeof offset === 'number' && Number.isSafeInteger(offset) && offset > 0 && { offset }),
  };
}

/** What stands at a place of the arguments. */
export function valueAt(args: { [name: string]: unknown }, at: readonly string[]): unknown {
  let value: unknown = args;
  for (const name of at) value = isObject(value) ? own(value, name) : undefined;
  return value;
}

const digits = /^-?\d{1,19}$/;
const maxNesting = 100;

/**
 * A value for a JSON body, in which whole numbers that were given as text, because they are too large for callers to
 * write as numbers, are numbers with all their digits.
 */
export function withLongNumbers(value: unknown, schema: unknown, root: unknown, nesting = 0): unknown {
  if (nesting > maxNesting) return value;
  const schemas = alternatives(schema, root, 0);
  if (typeof value === 'string') {
    const isLong =
      schemas.length > 0 &&
      schemas.every((each) => isNode(each) && each.format === 'int64' && asList(each.type).includes('integer'));
    return isLong && digits.test(value) ? readNumber(value) : value;
  }
  if (Array.isArray(value)) {
    const items = schemas.flatMap((each) => (isNode(each) && each.items !== undefined ? [each.items] : []));
    if (items.length === 0) return value;
    return value.map((item) => withLongNumbers(item, { anyOf: items }, root, nesting + 1));
  }
  if (!isObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => {
      const found = schemas.flatMap((each) => {
        const declared = isNode(each) && isNode(each.properties) ? own(each.properties, name) : undefined;
        return declared === undefined ? [] : [declared];
      });
      const rest = schemas.flatMap((each) =>
        isNode(each) && isNode(each.additionalProperties) ? [each.additionalProperties] : [],
      );
      const of = found.length > 0 ? found : rest;
      return [name, of.length === 0 ? member : withLongNumbers(member, { anyOf: of }, root, nesting + 1)];
    }),
  );
}

/** The schemas that a value may be of, without references and combinations. */
function alternatives(schema: unknown, root: unknown, nesting: number): unknown[] {
  if (!isNode(schema) || nesting > maxNesting / 4) return [];
  const { $ref, anyOf, oneOf, allOf, ...rest } = schema;
  const inner = [...asList(anyOf), ...asList(oneOf), ...asList(allOf)];
  const found = [...($ref === undefined ? [] : [resolveReference($ref, root)]), ...inner].flatMap((each) =>
    alternatives(each, root, nesting + 1),
  );
  const says =
    rest.type !== undefined ||
    rest.properties !== undefined ||
    rest.items !== undefined ||
    isNode(rest.additionalProperties);
  return says || found.length === 0 ? [rest, ...found] : found;
}
