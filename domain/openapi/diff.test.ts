import { expect, it } from 'vitest';
import { diffDocuments } from './diff.ts';
import { readDocument } from './document/read.ts';
import type { ToolSettings } from './tool/tool.ts';

function document(paths: object) {
  const read = readDocument(JSON.stringify({ openapi: '3.1.0', info: { title: '', version: '' }, paths }));
  if ('refusal' in read) throw new Error(read.refusal.message);
  return read.document;
}

const query = (name: string, required = false) => ({ name, in: 'query', required, schema: { type: 'string' } });
const answers = (schema: object) => ({ 200: { description: '', content: { 'application/json': { schema } } } });
const list = { operationId: 'listOrders', summary: 'List orders', responses: {} };
const diff = (before: object, after: object, settings?: ToolSettings) =>
  diffDocuments(document(before), document(after), settings).map(({ tool, key, kind, breaking }) => ({
    tool,
    key,
    kind,
    breaking,
  }));
const key = 'GET /orders';

it('finds nothing where nothing changed but the order', () => {
  const other = { get: { ...list, operationId: 'listItems' } };
  expect(diff({ '/orders': { get: list }, '/items': other }, { '/items': other, '/orders': { get: list } })).toEqual(
    [],
  );
});

it('says which operation a change is of, and whether it breaks callers', () => {
  const before = { '/orders': { get: { ...list, parameters: [query('state')] } }, '/old': { get: { responses: {} } } };
  const now = { ...list, summary: 'List all orders', parameters: [query('state'), query('shop', true)] };
  const after = { '/orders': { get: now }, '/new': { get: { responses: {} } } };
  expect(diff(before, after)).toEqual([
    { tool: 'get_new', key: 'GET /new', kind: 'added', breaking: false },
    { tool: 'get_old', key: 'GET /old', kind: 'removed', breaking: true },
    { tool: 'listOrders', key, kind: 'description_changed', breaking: false },
    { tool: 'listOrders', key, kind: 'input_schema_changed', breaking: true },
  ]);
});

it('keeps the name of an operation that got another id', () => {
  expect(diff({ '/orders': { get: list } }, { '/orders': { get: { ...list, operationId: 'orders_list' } } })).toEqual(
    [],
  );
});

it('keeps what a person set', () => {
  const settings = { overrides: { [key]: { name: 'orders', description: 'Ours' } } };
  const after = { '/orders': { get: { ...list, summary: 'Other' } } };
  expect(diff({ '/orders': { get: list } }, after, settings)).toEqual([]);
});

it('compares what operations answer', () => {
  const before = { '/orders': { get: { ...list, responses: answers({ type: 'object', required: ['id'] }) } } };
  const after = { '/orders': { get: { ...list, responses: answers({ type: 'object' }) } } };
  expect(diff(before, after)).toMatchObject([{ key, kind: 'output_schema_changed', breaking: true }]);
});
