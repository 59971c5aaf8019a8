import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { maxDepth, maxRawLength } from './document.ts';
import { readDocument } from './read.ts';

const ok = { responses: { 200: { description: 'Done' } } };
const base = { openapi: '3.0.3', info: { title: 'Shop', version: '1' }, paths: { '/orders': { get: ok } } };
const write = (change: object) => JSON.stringify({ ...base, ...change });

function read(text: string) {
  const result = readDocument(text);
  if ('refusal' in result) throw new Error(result.refusal.message);
  return result.document;
}

const reasonOf = (text: string) => {
  const result = readDocument(text);
  return 'refusal' in result ? result.refusal.reason : null;
};

const bomb = `openapi: 3.0.3\na0: &a0 [x, x]\n${Array.from({ length: 40 }, (_, at) => `a${at + 1}: &a${at + 1} [*a${at}, *a${at}]`).join('\n')}`;

describe('readDocument', () => {
  it.each([
    ['JSON', JSON.stringify(base)],
    ['YAML', stringify(base)],
    ['JSON after a byte order mark', `\uFEFF${JSON.stringify(base)}`],
    ['3.1', write({ openapi: '3.1.0' })],
    ['merge keys of YAML', 'openapi: 3.0.3\nx: &x {responses: {}}\npaths:\n  /orders:\n    get: {<<: *x}\n'],
  ])('reads %s', (_, text) => {
    expect(Object.keys(Object(read(text).root.paths))).toEqual(['/orders']);
  });

  it.each([
    ['not_openapi', 'nothing', ''],
    ['not_openapi', 'a page', '<!doctype html><title>Not found</title>'],
    ['not_openapi', 'a list', '[1]'],
    ['unreadable', 'broken JSON', '{"openapi": "3.0.3"'],
    ['unreadable', 'broken YAML', 'openapi: 3.0.3\n\tpaths: {}'],
    ['unreadable', 'an alias within its own anchor', 'openapi: 3.0.3\na: &a {b: *a}'],
    ['duplicate_key', 'a key twice in JSON', '{"openapi":"3.0.3","paths":{"/a":{},"/\\u0061":{}}}'],
    ['duplicate_key', 'a key twice in YAML', 'openapi: 3.0.3\npaths:\n  /a: {}\n  /a: {}\n'],
    ['too_many_aliases', 'a bomb of aliases', bomb],
    ['too_deep', 'deep JSON', `{"openapi":"3.0.3","a":${'['.repeat(maxDepth)}${']'.repeat(maxDepth)}}`],
    ['too_deep', 'deep YAML', `openapi: 3.0.3\na: ${'['.repeat(maxDepth)}${']'.repeat(maxDepth)}`],
    ['too_large', 'a large file', ' '.repeat(maxRawLength + 1)],
    ['swagger_2', 'Swagger 2', '{"swagger":"2.0"}'],
    ['openapi_3_2', 'OpenAPI 3.2', write({ openapi: '3.2.0' })],
    ['unknown_version', 'OpenAPI 4', write({ openapi: '4.0.0' })],
    ['no_operations', 'no operations', write({ paths: { '/orders': { parameters: [] } } })],
  ])('refuses, as %s, %s', (reason, _, text) => {
    expect(reasonOf(text)).toBe(reason);
  });

  it('says how to convert Swagger 2', () => {
    const result = readDocument('{"swagger":"2.0"}');
    expect('refusal' in result && result.refusal.message).toContain('npx swagger2openapi');
  });

  it('never throws, whatever the text', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.json(),
          fc.object().map((value) => stringify({ ...base, ...value })),
        ),
        (text) => {
          readDocument(text);
        },
      ),
      { numRuns: 300 },
    );
  });
});

describe('what is kept of a document', () => {
  const schemas = {
    Order: {
      type: 'object',
      properties: { example: { type: 'string' }, 'x-id': { $ref: '#/components/schemas/Id' } },
      example: { a: 1 },
      'x-own': 1,
    },
    Id: { type: 'string', examples: ['a'] },
    Unused: { type: 'string' },
    Problem: { type: 'string' },
  };
  const answer = (name: string) => ({
    description: name,
    content: { 'application/json': { schema: { $ref: `#/components/schemas/${name}` } } },
  });
  const document = read(
    write({
      'x-top': 1,
      paths: { '/orders': { get: { responses: { 200: answer('Order'), 400: answer('Problem') }, callbacks: {} } } },
      components: { schemas, examples: { big: { value: 1 } } },
    }),
  );
  const kept = Object(document.root.components).schemas;

  it('is what operations need, and no answer that is an error', () => {
    expect(Object.keys(kept)).toEqual(['Order', 'Id']);
    expect(JSON.stringify(document.root)).not.toMatch(/Problem|callbacks|x-top|x-own|big/);
  });

  it('are members that are only called like keywords', () => {
    expect(Object.keys(kept.Order.properties)).toEqual(['example', 'x-id']);
    expect(kept.Order.example).toBeUndefined();
  });

  it('is a document again, and reading it gives the same', () => {
    const again = read(JSON.stringify(document.root));
    expect(JSON.stringify(again.root)).toBe(JSON.stringify(document.root));
  });

  it('has what a reference leads to, also within an answer that is left out', () => {
    const ref = { $ref: '#/paths/~1orders/get/responses/400/content/application~1json/schema' };
    const text = write({
      paths: {
        '/orders': {
          get: {
            responses: {
              200: { description: '' },
              400: { description: '', content: { 'application/json': { schema: { type: 'string' } } } },
            },
          },
        },
        '/refunds': {
          get: { responses: { 200: { description: '', content: { 'application/json': { schema: ref } } } } },
        },
      },
    });
    expect(JSON.stringify(read(text).root)).toContain('"400"');
  });
});
