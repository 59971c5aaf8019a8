import { describe, expect, it } from 'vitest';
import { type CatalogToolShape, diffCatalog } from './diff.ts';

const inputSchema = { type: 'object', properties: { query: { type: 'string' } }, required: ['query'] };
const search: CatalogToolShape = { name: 'search', title: 'Search', description: 'Finds products.', inputSchema };
const order: CatalogToolShape = {
  name: 'order',
  inputSchema: { type: 'object' },
  outputSchema: { type: 'object', properties: { id: { type: 'string' } }, required: ['id'] },
  annotations: { destructiveHint: true },
};

describe('diffCatalog', () => {
  it('of a catalog with itself is empty, in any order of tools', () => {
    expect(diffCatalog([], [])).toEqual([]);
    expect(diffCatalog([search, order], structuredClone([order, search]))).toEqual([]);
  });

  it('takes null and absent for the same', () => {
    const stored = { ...search, outputSchema: null, annotations: null };
    expect(diffCatalog([search], [stored])).toEqual([]);
    expect(diffCatalog([{ ...stored, title: null, description: null }], [{ name: 'search', inputSchema }])).toEqual([]);
  });

  it('names added and removed tools, by name', () => {
    expect(diffCatalog([order, search], [search, { ...order, name: 'place_order' }])).toEqual([
      { tool: 'order', kind: 'removed', breaking: true },
      { tool: 'place_order', kind: 'added', breaking: false },
    ]);
  });

  it('names changed texts, which break nothing', () => {
    expect(diffCatalog([search], [{ name: 'search', inputSchema, description: 'Finds things.' }])).toEqual([
      { tool: 'search', kind: 'title_changed', before: 'Search', after: null, breaking: false },
      {
        tool: 'search',
        kind: 'description_changed',
        before: 'Finds products.',
        after: 'Finds things.',
        breaking: false,
      },
    ]);
  });

  it.each([
    [
      'a new required input',
      { ...inputSchema, required: ['query', 'shop'] },
      true,
      [{ path: 'shop', change: 'added' }],
    ],
    [
      'a new optional input',
      { ...inputSchema, properties: { ...inputSchema.properties, limit: {} } },
      false,
      [{ path: 'limit', change: 'added' }],
    ],
    [
      'an input that became optional',
      { ...inputSchema, required: [] },
      false,
      [{ path: 'query', change: 'now_optional' }],
    ],
  ])('judges the input schema from the caller: %s', (_, changed, breaking, fields) => {
    expect(diffCatalog([search], [{ ...search, inputSchema: changed }])).toMatchObject([
      { tool: 'search', kind: 'input_schema_changed', breaking, fields },
    ]);
  });

  it.each([
    [
      'a new output',
      { type: 'object', properties: { id: { type: 'string' }, total: {} }, required: ['id'] },
      false,
      [{ path: 'total', change: 'added' }],
    ],
    [
      'an output that became optional',
      { type: 'object', properties: { id: { type: 'string' } } },
      true,
      [{ path: 'id', change: 'now_optional' }],
    ],
    ['an output that was removed', { type: 'object', properties: {} }, true, [{ path: 'id', change: 'removed' }]],
    ['the whole output schema gone', undefined, true, [{ path: '', change: 'removed' }]],
  ])('judges the output schema from the reader: %s', (_, outputSchema, breaking, fields) => {
    expect(diffCatalog([order], [{ ...order, outputSchema }])).toMatchObject([
      { tool: 'order', kind: 'output_schema_changed', breaking, fields },
    ]);
  });

  it('takes a first output schema for a promise', () => {
    expect(diffCatalog([search], [{ ...search, outputSchema: {} }])).toEqual([
      {
        tool: 'search',
        kind: 'output_schema_changed',
        fields: [{ path: '', change: 'added', breaking: false }],
        breaking: false,
      },
    ]);
  });

  it('lists annotations one by one', () => {
    expect(diffCatalog([order], [{ ...order, annotations: { destructiveHint: false, idempotentHint: true } }])).toEqual(
      [
        {
          tool: 'order',
          kind: 'annotations_changed',
          fields: [
            { path: 'destructiveHint', change: 'changed', before: true, after: false, breaking: false },
            { path: 'idempotentHint', change: 'added', after: true, breaking: false },
          ],
          breaking: false,
        },
      ],
    );
  });

  it('tells all that changed on one tool', () => {
    const after = {
      name: 'order',
      title: 'Order',
      inputSchema: { type: 'object', additionalProperties: false },
      annotations: {},
    };
    expect(diffCatalog([order], [after]).map(({ kind, breaking }) => [kind, breaking])).toEqual([
      ['title_changed', false],
      ['input_schema_changed', true],
      ['output_schema_changed', true],
      ['annotations_changed', false],
    ]);
  });

  it('takes hostile names and doubles as they come', () => {
    const tool = (name: string, description: string) => ({ name, description, inputSchema: {} });
    expect(diffCatalog([tool('__proto__', 'a')], [tool('__proto__', 'b'), tool('__proto__', 'c')])).toEqual([
      { tool: '__proto__', kind: 'description_changed', before: 'a', after: 'b', breaking: false },
    ]);
    expect(diffCatalog([], [tool('constructor', 'a'), tool('constructor', 'b')])).toHaveLength(1);
  });
});
