import { expect, it } from 'vitest';
import { toSchemaPath } from './argument-path.ts';

const schema = {
  type: 'object',
  properties: {
    id: { type: 'string' },
    body: { $ref: '#/$defs/Order' },
    labels: { type: 'object', additionalProperties: { type: 'object', properties: { color: {} } } },
  },
  $defs: {
    Order: { allOf: [{ $ref: '#/$defs/Base' }, { properties: { lines: { items: { $ref: '#/$defs/Line' } } } }] },
    Base: { properties: { note: {} } },
    Line: { anyOf: [{ properties: { sku: {} } }, { properties: { code: {}, order: { $ref: '#/$defs/Order' } } }] },
  },
};

it.each<[PropertyKey[], string]>([
  [[], ''],
  [['id'], 'id'],
  [['alice@example.com'], '*'],
  [['body', 'note'], 'body.note'],
  [['body', 'lines', 3, 'code'], 'body.lines[].code'],
  [['body', 'lines', 0, 'what the caller wrote'], 'body.lines[].*'],
  [['labels', 'secret name', 'color'], 'labels.*.color'],
  [['body', 'lines', 0, 'order', 'lines', 0, 'order', 'note'], 'body.lines[].order.lines[]'],
])('%j is %s', (path, expected) => {
  expect(toSchemaPath(schema, path)).toBe(expected);
});

it('ends where a schema refers to itself', () => {
  expect(toSchemaPath({ $ref: '#' }, ['a', 'b'])).toBe('*.*');
});
