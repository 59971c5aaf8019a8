import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { toolList } from '../../../api/mcp/tool-list.ts';

/** Keywords that the strict mode of OpenAI's API takes. */
const known = new Set([
  'type',
  'description',
  'properties',
  'required',
  'additionalProperties',
  'items',
  'enum',
  'const',
  'anyOf',
  'format',
  'minimum',
  'maximum',
  'minItems',
  'maxItems',
]);

const node = z.record(z.string(), z.unknown());

/**
 * Converts a schema as agent frameworks do for strict mode: every property becomes required, and objects have to be
 * closed. @throws for what has no strict form
 */
function toStrict(schema: unknown, at: string): { [keyword: string]: unknown } {
  const given = node.parse(schema);
  const strange = Object.keys(given).filter((keyword) => !known.has(keyword));
  if (strange.length > 0) throw new Error(`${at} has ${strange.join(', ')}`);
  const strict = { ...given };
  if (given.type === 'object' || given.properties !== undefined) {
    if (given.additionalProperties !== false) throw new Error(`${at} is open`);
    const properties = node.parse(given.properties);
    strict.required = Object.keys(properties);
    strict.properties = Object.fromEntries(
      Object.entries(properties).map(([name, property]) => [name, toStrict(property, `${at}.${name}`)]),
    );
  } else if (given.type === 'array') strict.items = toStrict(given.items, `${at}[]`);
  else if (given.anyOf !== undefined)
    strict.anyOf = z
      .array(node)
      .min(2)
      .parse(given.anyOf)
      .map((each, index) => toStrict(each, `${at}|${index}`));
  else if (typeof given.type !== 'string' && given.enum === undefined) throw new Error(`${at} has no type`);
  return strict;
}

it('costs an agent less than 12,000 tokens to know all tools', () => {
  expect(JSON.stringify(toolList).length / 4).toBeLessThan(12_000);
});

describe('strict mode of OpenAI', () => {
  it.each(toolList.map(({ name, inputSchema }) => ({ name, inputSchema })))('takes $name', ({ name, inputSchema }) => {
    expect(inputSchema.type).toBe('object');
    expect(toStrict(inputSchema, name)).toMatchObject({ additionalProperties: false });
  });

  it.each([
    [{ type: 'object', properties: {} }, 'is open'],
    [{ type: 'object', properties: {}, additionalProperties: { type: 'string' } }, 'is open'],
    [{ type: 'object', properties: { a: { type: 'string', minLength: 1 } }, additionalProperties: false }, 'minLength'],
    [{ type: 'object', properties: { a: {} }, additionalProperties: false }, 'no type'],
  ])('would not take %j', (schema, reason) => {
    expect(() => toStrict(schema, 'it')).toThrow(reason);
  });
});
