import fc from 'fast-check';

/** A seeded sequence of numbers in [0, 1) (mulberry32). */
export function createRandom(seed: string): () => number {
  let state = [...seed].reduce((hash, char) => Math.imul(hash ^ (char.codePointAt(0) ?? 0), 0x01000193), 0x811c9dc5);
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

/** `least`: only what is required. `most`: everything, some levels deep. */
export type Amount = 'least' | 'some' | 'most';

type Schema = { readonly [keyword: string]: unknown };
type Making = { root: Schema; random: () => number; amount: Amount };

const maxDepth = 6;
const maxNesting = 60;
const isSchema = (value: unknown): value is Schema =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const list = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

/** Digits that only this generator writes: a whole number too large for JavaScript, as text. */
export const longDigits = '9007199254740993';

const texts = ['plain', 'two words', 'a/b&c=d', 'ünï-çødé ☂', '100% +1', '"quoted"', 'semi;colon,comma', "it's.fine~"];

/** A value that fits a schema, as far as its keywords can be satisfied without search. */
export function generate(schema: unknown, making: Making, depth = 0): unknown {
  const { random, amount } = making;
  if (!isSchema(schema)) return pick(texts, random);
  // Of some schemas no value ever ends.
  if (depth > maxNesting) return null;
  if (typeof schema.$ref === 'string') {
    const { $ref, ...beside } = schema;
    const target = isSchema(making.root.$defs) ? making.root.$defs[String($ref).replace('#/$defs/', '')] : undefined;
    return generate(isSchema(target) ? { ...target, ...beside } : beside, making, depth + 1);
  }
  if ('const' in schema) return schema.const;
  const values = list(schema.enum);
  if (values.length > 0) return pick(values, random);
  if (Array.isArray(schema.allOf)) {
    const { allOf, ...own } = schema;
    return generate(mergeAll([...allOf, own], making, 0), making, depth + 1);
  }
  const alternatives = [...list(schema.anyOf), ...list(schema.oneOf)];
  if (alternatives.length > 0) {
    const { anyOf: _, oneOf: __, ...own } = schema;
    const chosen = depth > maxDepth ? (alternatives.find(isSimple) ?? alternatives[0]) : pick(alternatives, random);
    return generate(mergeAll([chosen, own], making, 0), making, depth + 1);
  }
  const types = list(Array.isArray(schema.type) ? schema.type : [schema.type]).filter((type) => type !== 'null');
  const type = types.length === 0 || types[0] === undefined ? guessType(schema) : pick(types, random);
  switch (type) {
    case 'object':
      return generateObject(schema, making, depth);
    case 'array':
      return generateArray(schema, making, depth);
    case 'integer':
      return Math.trunc(generateNumber(schema, random, 1));
    case 'number':
      return generateNumber(schema, random, 4);
    case 'boolean':
      return random() < 0.5;
    case 'string':
      return generateText(schema, random);
    case undefined:
      return list(schema.type).includes('null') ? null : pick([...texts, 7, true], random);
    default:
      return amount === 'least' ? null : 'x';
  }
}

const isSimple = (schema: unknown): boolean =>
  isSchema(schema) && !('$ref' in schema) && !['object', 'array', undefined].includes(String(schema.type));

function guessType(schema: Schema): string | undefined {
  if (schema.type === 'null' || list(schema.type).includes('null')) return undefined;
  if (schema.properties !== undefined || schema.additionalProperties !== undefined || schema.required !== undefined)
    return 'object';
  if (schema.items !== undefined) return 'array';
  return schema.pattern !== undefined || schema.minLength !== undefined ? 'string' : undefined;
}

function mergeAll(parts: readonly unknown[], making: Making, depth: number): Schema {
  let merged: Schema = {};
  for (const part of parts) {
    let opened: Schema = isSchema(part) ? part : {};
    if (typeof opened.$ref === 'string' && depth < 10) {
      const { $ref, ...beside } = opened;
      const target = isSchema(making.root.$defs) ? making.root.$defs[String($ref).replace('#/$defs/', '')] : undefined;
      opened = mergeAll([isSchema(target) ? target : {}, beside], making, depth + 1);
    }
    if (Array.isArray(opened.allOf) && depth < 10) {
      const { allOf, ...own } = opened;
      opened = mergeAll([...allOf, own], making, depth + 1);
    }
    const properties = { ...Object(merged.properties), ...Object(opened.properties) };
    const required = [...new Set([...list(merged.required), ...list(opened.required)])];
    merged = {
      ...merged,
      ...opened,
      ...(Object.keys(properties).length > 0 && { properties }),
      ...(required.length > 0 && { required }),
    };
  }
  return merged;
}

function generateObject(schema: Schema, making: Making, depth: number): unknown {
  const { random, amount } = making;
  const properties = isSchema(schema.properties) ? schema.properties : {};
  const required = new Set(list(schema.required).map(String));
  const wanted = Object.keys(properties).filter((name) => {
    if (required.has(name)) return true;
    if (amount === 'least' || depth > maxDepth / 2) return false;
    return amount === 'most' ? depth < 3 || random() < 0.3 : random() < 0.4;
  });
  const least = Number(schema.minProperties ?? 0);
  for (const name of Object.keys(properties)) if (wanted.length < least && !wanted.includes(name)) wanted.push(name);
  const most = Number(schema.maxProperties ?? Number.POSITIVE_INFINITY);
  const kept = wanted.filter((name, index) => required.has(name) || index < most);
  const entries = [...new Set([...kept, ...required])].map((name): [string, unknown] => [
    name,
    generate(Object.hasOwn(properties, name) ? properties[name] : {}, making, depth + 1),
  ]);
  const rest = schema.additionalProperties;
  const wantsMore =
    entries.length < least || (isSchema(rest) && amount !== 'least' && depth < maxDepth / 2 && entries.length < most);
  if (wantsMore && rest !== false)
    for (let index = 0; index < Math.max(1, least - entries.length); index++)
      entries.push([`extra${index}`, generate(rest === true || rest === undefined ? {} : rest, making, depth + 1)]);
  return Object.fromEntries(entries);
}

function generateArray(schema: Schema, making: Making, depth: number): unknown {
  const least = Number(schema.minItems ?? 0);
  const most = Number(schema.maxItems ?? Number.POSITIVE_INFINITY);
  const wanted = depth > maxDepth ? 0 : making.amount === 'least' ? 1 : 1 + Math.floor(making.random() * 3);
  const count = Math.min(most, Math.max(least, wanted));
  const tuple = list(schema.prefixItems);
  const items = Array.from({ length: count }, (_, index) =>
    generate(tuple[index] ?? schema.items ?? {}, making, depth + 1),
  );
  if (schema.uniqueItems !== true) return items;
  return [...new Map(items.map((item) => [JSON.stringify(item), item])).values()];
}

function generateNumber(schema: Schema, random: () => number, parts: number): number {
  const step = typeof schema.multipleOf === 'number' ? schema.multipleOf : 1 / parts;
  const whole = parts === 1 && step < 1 ? 1 : step;
  const above = Number(schema.exclusiveMinimum ?? Number.NEGATIVE_INFINITY);
  const below = Number(schema.exclusiveMaximum ?? Number.POSITIVE_INFINITY);
  const low = Math.max(
    Number(schema.minimum ?? Number.NEGATIVE_INFINITY),
    Number.isFinite(above) ? above + whole : above,
  );
  const high = Math.min(
    Number(schema.maximum ?? Number.POSITIVE_INFINITY),
    Number.isFinite(below) ? below - whole : below,
  );
  const start = Number.isFinite(low) ? low : Number.isFinite(high) ? Math.min(high, 0) - 10 * whole : 0;
  const end = Number.isFinite(high) ? high : start + 1000 * whole;
  const value =
    Math.ceil(start / whole) * whole +
    Math.floor(random() * Math.min(1000, Math.max(1, (end - start) / whole))) * whole;
  return Math.min(value, end);
}

const formats: ReadonlyMap<string, string> = new Map([
  ['date', '2026-11-27'],
  ['date-time', '2026-11-27T10:20:30Z'],
  ['time', '10:20:30Z'],
  ['uuid', '7b4b0e52-8a5e-4b57-9d0f-3f4f1e1c2a10'],
  ['email', 'ada@example.com'],
  ['uri', 'https://example.com/a?b=c'],
  ['url', 'https://example.com/a?b=c'],
  ['hostname', 'example.com'],
  ['ipv4', '192.0.2.1'],
  ['ipv6', '2001:db8::1'],
  ['byte', 'aGVsbG8='],
]);

function generateText(schema: Schema, random: () => number): string {
  if (schema.format === 'int64') return list(schema.type).includes('integer') ? longDigits : '1234567890123456789';
  if (schema.contentEncoding === 'base64') return 'aGVsbG8=';
  const known = formats.get(String(schema.format));
  if (known !== undefined && schema.pattern === undefined) return known;
  const least = Number(schema.minLength ?? 0);
  const most = Number(schema.maxLength ?? Number.POSITIVE_INFINITY);
  if (typeof schema.pattern === 'string') return matching(schema.pattern, least, most, random);
  return (pick(texts, random) ?? '').padEnd(least, 'a').slice(0, most);
}

/** The simplest text of a pattern that has the wanted length. */
function matching(pattern: string, least: number, most: number, random: () => number): string {
  const seed = Math.floor(random() * 2 ** 31);
  const regex = new RegExp(pattern, 'u');
  let texts: string[];
  try {
    texts = fc.sample(fc.stringMatching(regex), { seed, numRuns: 30 });
  } catch {
    // fast-check doesn't know some parts of patterns.
    texts = simple.filter((text) => regex.test(text)).map((text) => text.padEnd(least, text.at(-1)));
  }
  return texts.find((text) => text.length >= least && text.length <= most) ?? texts[0] ?? '';
}

const simple = ['a', 'A', '1', 'aA1', 'Aa1!', 'a-b', 'https://a.test', 'a@b.test', '/a', '2026-11-27'];

function pick<T>(values: readonly T[], random: () => number): T | undefined {
  return values[Math.floor(random() * values.length)];
}
