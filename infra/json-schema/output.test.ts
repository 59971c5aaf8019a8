import { describe, expect, it } from 'vitest';
import type { ToolResult } from '../../domain/run/run.ts';
import { masked } from '../redaction/index.ts';
import { createOutputSchemas } from './index.ts';

const check = (schema: unknown, structuredContent?: unknown, more: Partial<ToolResult> = {}) =>
  createOutputSchemas().check(JSON.stringify(schema), {
    content: [{ type: 'text', text: 'x' }],
    ...(structuredContent !== undefined && { structuredContent }),
    isError: false,
    ...more,
  });
const order = {
  type: 'object',
  properties: {
    id: { type: 'string' },
    total: { type: 'number' },
    lines: { type: 'array', items: { type: 'object', properties: { sku: { type: 'string' } }, required: ['sku'] } },
    state: { enum: ['open', 'closed'] },
  },
  required: ['id'],
  additionalProperties: false,
};

describe('a result against the output schema of its tool', () => {
  it('fits', () => {
    expect(check(order, { id: 'a', total: 1.5, lines: [{ sku: 's' }], state: 'open' })).toEqual({ fits: true });
  });

  it.each<[string, unknown, string[]]>([
    ['a wrong type', { id: 1 }, ['`id` must be string']],
    ['a missing property', {}, ['`id` is missing']],
    ['one more property', { id: 'a', b: 1 }, ['`b` is not in the schema']],
    ['an item', { id: 'a', lines: [{ sku: 's' }, {}] }, ['`lines[1].sku` is missing']],
    ['a value that is not listed', { id: 'a', state: 'x' }, ['`state` must be equal to one of the allowed values']],
    ['null', null, ['the structured content must be object']],
    ['a list', [], ['the structured content must be object']],
    ['a text', 'x', ['the structured content must be object']],
    [
      'several at once',
      { total: 'x', b: 1 },
      ['`id` is missing', '`b` is not in the schema', '`total` must be number'],
    ],
  ])('is broken by %s, by path', (_, value, issues) => {
    expect(check(order, value)).toEqual({ fits: false, issues });
  });

  it('lists the first few issues', () => {
    const many = Object.fromEntries(Array.from({ length: 9 }, (_, index) => [`x${index}`, 1]));
    expect(check(order, { id: 'a', ...many })).toEqual({
      fits: false,
      issues: [...[0, 1, 2, 3, 4].map((index) => `\`x${index}\` is not in the schema`), 'and 4 more'],
    });
  });

  it('lists one issue of a large result, and shortens hostile names', () => {
    const fit = check(order, { id: 'a', ['n'.repeat(100_000)]: 1, b: 2 });
    expect(fit).toEqual({ fits: false, issues: [expect.stringMatching(/^`n{50,250}…?` is not in the schema$/)] });
  });

  it('is broken without structured content, and open if only a part was kept', () => {
    expect(check(order)).toEqual({ fits: false, issues: ['it has no structured content'] });
    expect(check(order, undefined, { fullBytes: 2e6 })).toEqual({
      fits: null,
      reason: 'only a part of the result was kept',
    });
  });

  it('is open where a masked secret may have fitted', () => {
    const schema = { properties: { key: { pattern: '^k-' } } };
    expect(check(schema, { key: masked })).toEqual({ fits: null, reason: 'it contains a masked secret' });
    expect(check({ properties: { key: { type: 'string' } } }, { key: masked })).toEqual({ fits: true });
  });

  it('is nothing for an error result', () => {
    expect(check(order, { message: 'no' }, { isError: true })).toBeNull();
    expect(check(order, undefined, { isError: true })).toBeNull();
  });

  it.each([
    ['draft-07', { $schema: 'http://json-schema.org/draft-07/schema#', definitions: { a: { type: 'string' } } }],
    ['2019-09', { $schema: 'https://json-schema.org/draft/2019-09/schema', $defs: { a: { type: 'string' } } }],
    ['2020-12', { $schema: 'https://json-schema.org/draft/2020-12/schema', $defs: { a: { type: 'string' } } }],
    ['no dialect', { $defs: { a: { type: 'string' } } }],
  ])('is checked by %s', (_, dialect) => {
    const [defs] = Object.keys(dialect).filter((key) => key !== '$schema');
    const schema = { ...dialect, type: 'object', properties: { a: { $ref: `#/${defs}/a` } } };
    expect(check(schema, { a: 'x' })).toEqual({ fits: true });
    expect(check(schema, { a: 1 })).toEqual({ fits: false, issues: ['`a` must be string'] });
  });

  it.each<[string, unknown, RegExp]>([
    ['no schema', true, /^the output schema is not a JSON Schema$/],
    ['a list', [], /is not a JSON Schema/],
    ['a wrong type', { type: 'str' }, /cannot be used/],
    ['a reference to nothing', { $ref: '#/$defs/none' }, /cannot be used/],
    ['another document', { $ref: 'https://evil.test/schema' }, /refers to another document/],
    ['too much of it', { enum: Array.from({ length: 20_000 }, (_, index) => index) }, /is too large/],
    ['too deep a nesting', Array.from({ length: 80 }).reduce<object>((inner) => ({ not: inner }), {}), /too deeply/],
    ['a promise', { $defs: { a: { $async: true, type: 'object' } }, $ref: '#/$defs/a' }, /cannot be used|asynchronous/],
  ])('is not checked by a schema that is %s', (_, schema, reason) => {
    expect(check(schema, { a: 1 })).toEqual({ fits: null, reason: expect.stringMatching(reason) });
  });

  it('is checked by schemas as large as a Product MCP publishes them', () => {
    const properties = Object.fromEntries(
      Array.from({ length: 300 }, (_, index) => [`p${index}`, { type: 'string', description: 'x'.repeat(2000) }]),
    );
    expect(check({ type: 'object', properties }, { p7: 1 })).toEqual({ fits: false, issues: ['`p7` must be string'] });
  });

  it('does not hang on a pattern, and lets pass what it can not match safely', () => {
    const text = `${'a'.repeat(50_000)}!`;
    expect(check({ properties: { a: { pattern: '^(a|a)*$' } } }, { a: text })?.fits).toBe(false);
    expect(check({ properties: { a: { pattern: '(?=x)' } } }, { a: text })?.fits).toBe(true);
  });

  it('does not hang on a schema that takes exponential time', () => {
    const level = (next: number) => ({ anyOf: [{ $ref: `#/$defs/l${next}` }, { $ref: `#/$defs/l${next}` }] });
    const $defs = Object.fromEntries(Array.from({ length: 40 }, (_, index) => [`l${index}`, level(index + 1)]));
    const schemas = createOutputSchemas();
    const text = JSON.stringify({ $ref: '#/$defs/l0', $defs: { ...$defs, l40: { type: 'string' } } });
    const result = { content: [], structuredContent: { a: 1 }, isError: false };
    const slow = { fits: null, reason: 'the output schema takes too long to check' };
    expect(schemas.check(text, result)).toEqual(slow);
    // It is not tried again at each check: that would take minutes.
    for (let round = 0; round < 2000; round++) expect(schemas.check(text, result)).toEqual(slow);
  });

  it('does not run out of stack on a nested result', () => {
    const nested = Array.from({ length: 100_000 }).reduce<object>((inner) => ({ a: inner }), {});
    const fit = check({ $ref: '#/$defs/n', $defs: { n: { properties: { a: { $ref: '#/$defs/n' } } } } }, nested);
    expect(fit?.fits).toBeNull();
  });

  it('reaches no prototype by the names of a result or a schema', () => {
    const schema = { properties: { toString: { type: 'string' } }, required: ['__proto__', 'constructor'] };
    expect(check(schema, {})).toMatchObject({ issues: ['`__proto__` is missing', '`constructor` is missing'] });
  });
});
