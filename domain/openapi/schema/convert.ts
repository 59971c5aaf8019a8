import { asList, asText, isNode, type Node } from '../document/node.ts';
import {
  plainKeywords,
  readEnum,
  readTypes,
  schemaKeywords,
  schemaLists,
  schemaMaps,
  usablePattern,
} from './keywords.ts';

/** Callers write inputs: what is read-only isn't theirs. They read outputs: what is write-only isn't in them. */
export type Direction = 'input' | 'output';

export type Conversion = {
  version: '3.0' | '3.1';
  direction: Direction;
  /** Turns a reference of the document into one of the tool's schema; null where it leads nowhere. */
  refer(ref: string): string | null;
  /** Whether a property is left out; follows its references. */
  isLeftOut(schema: unknown): boolean;
};

const maxDescriptionLength = 1000;
/** JavaScript numbers can't hold all of these, so they may come as text, and are sent as the number that they are. */
const digits = '^-?[0-9]{1,19}$';

type Draft = { [keyword: string]: unknown };

/** A schema of OpenAPI 3.0 or 3.1 as JSON Schema 2020-12, with the keywords that validators accept. */
export function convertSchema(schema: unknown, conversion: Conversion, isAlternative = false): unknown {
  if (typeof schema === 'boolean') return schema;
  if (!isNode(schema)) return {};
  const kept: Draft = {};
  const description = asText(schema.description).trim();
  const title = isAlternative ? asText(schema.title).trim() : '';
  if (title) kept.title = title.slice(0, 100);
  if (description) kept.description = cutText(description, maxDescriptionLength);
  if (typeof schema.$ref === 'string') {
    const ref = conversion.refer(schema.$ref);
    if (ref !== null) kept.$ref = ref;
    // In 3.0, what is beside a reference doesn't count.
    if (conversion.version === '3.0') return kept;
  }
  convertTypes(schema, conversion, kept);
  for (const [keyword, value] of Object.entries(schema)) convertKeyword(keyword, value, conversion, kept);
  convertBounds(schema, kept);
  leaveOut(schema, conversion, kept);
  return addNull(schema, conversion, kept);
}

function convertTypes(schema: Node, { direction }: Conversion, kept: Draft): void {
  const types = readTypes(schema);
  const values = readEnum(schema.enum, types);
  if (values) kept.enum = values;
  if (!types) return;
  const isLong =
    direction === 'input' && schema.format === 'int64' && types.includes('integer') && !values && !isBounded(schema);
  if (isLong && !types.includes('string')) {
    types.push('string');
    kept.pattern = digits;
  }
  kept.type = types.length === 1 ? types[0] : types;
}

/** Whether its numbers are all small enough for JavaScript: a text would get around its bounds. */
const isBounded = ({ maximum }: Node): boolean => typeof maximum === 'number' && maximum <= Number.MAX_SAFE_INTEGER;

function convertKeyword(keyword: string, value: unknown, conversion: Conversion, kept: Draft): void {
  const plain = plainKeywords.get(keyword);
  if (plain) {
    const read = plain(value);
    if (read !== undefined && !(keyword in kept)) kept[keyword] = read;
  } else if (keyword === 'items' && Array.isArray(value))
    kept.prefixItems = value.map((item) => convertSchema(item, conversion));
  else if (schemaKeywords.has(keyword)) {
    if (isNode(value) || typeof value === 'boolean') kept[keyword] = convertSchema(value, conversion);
  } else if (schemaLists.has(keyword)) {
    const members = asList(value).map((member) => convertSchema(member, conversion, keyword !== 'prefixItems'));
    if (members.length > 0) kept[keyword] = members;
  } else if (schemaMaps.has(keyword) && isNode(value)) {
    const entries = Object.entries(value).flatMap(([name, member]) => {
      const key = keyword === 'patternProperties' ? usablePattern(name) : name;
      if (key === null || (keyword === 'properties' && conversion.isLeftOut(member))) return [];
      return [[key, convertSchema(member, conversion)]];
    });
    kept[keyword] = Object.fromEntries(entries);
  }
}

/** In 3.0, `exclusiveMinimum: true` makes `minimum` exclusive. */
function convertBounds(schema: Node, kept: Draft): void {
  for (const [bound, exclusive] of [
    ['minimum', 'exclusiveMinimum'],
    ['maximum', 'exclusiveMaximum'],
  ] as const) {
    if (schema[exclusive] !== true || kept[bound] === undefined) continue;
    kept[exclusive] = kept[bound];
    delete kept[bound];
  }
}

function leaveOut(schema: Node, conversion: Conversion, kept: Draft): void {
  const { properties } = schema;
  if (!isNode(properties) || !Array.isArray(kept.required)) return;
  const required = kept.required.filter(
    (name: string) => !(Object.hasOwn(properties, name) && conversion.isLeftOut(properties[name])),
  );
  if (required.length > 0) kept.required = required;
  else delete kept.required;
}

/** `nullable` of 3.0, which says something of the type: an enum without null stays without. */
function addNull(schema: Node, { version }: Conversion, kept: Draft): Draft {
  if (version !== '3.0' || schema.nullable !== true) return kept;
  const combines = ['allOf', 'anyOf', 'oneOf', 'not'].some((keyword) => keyword in kept);
  if (combines) {
    const { description, default: preset, ...rest } = kept;
    return {
      ...(description === undefined ? {} : { description }),
      ...(preset === undefined ? {} : { default: preset }),
      anyOf: [rest, { type: 'null' }],
    };
  }
  if (typeof kept.type === 'string') kept.type = [kept.type, 'null'];
  else if (Array.isArray(kept.type) && !kept.type.includes('null')) kept.type = [...kept.type, 'null'];
  return kept;
}

/** Cut at the end of a sentence or word. */
export function cutText(text: string, most: number): string {
  if (text.length <= most) return text;
  const start = text.slice(0, most - 1);
  const sentence = start.lastIndexOf('. ');
  if (sentence > most / 2) return start.slice(0, sentence + 1);
  const word = start.lastIndexOf(' ');
  return `${(word > most / 2 ? start.slice(0, word) : start).replace(/[\ud800-\udbff]$/, '')}…`;
}
