import { describe, expect, it } from 'vitest';
import type { CatalogToolShape } from './diff.ts';
import { nameSimilarity, nearestTool } from './tool-similarity.ts';

const tool = (name: string, properties: string[] = [], description = ''): CatalogToolShape => ({
  name,
  description,
  inputSchema: {
    type: 'object',
    properties: Object.fromEntries(properties.map((property) => [property, { type: 'string' }])),
    required: properties.slice(0, 1),
  },
});

const shop = [
  tool('search_products', ['query', 'limit'], 'Finds products by words.'),
  tool('get_product', ['sku'], 'Returns one product.'),
  tool('place_order', ['sku', 'quantity', 'reference'], 'Orders a product and returns the id of the order.'),
  tool('get_order', ['order_id'], 'Returns one order.'),
];
const create = tool(
  'create_order',
  ['sku', 'quantity', 'reference'],
  'Orders a product and returns the id of the order.',
);

describe('nearestTool', () => {
  it.each([
    ['a new name for the same schema', { name: 'create_order', tool: create }, shop, 'place_order'],
    ['another spelling', { name: 'getOrder' }, shop, 'get_order'],
    ['other order of words', { name: 'order_get' }, shop, 'get_order'],
    ['nothing alike', { name: 'send_email' }, shop, null],
    ['no candidates', { name: 'get_order' }, [], null],
    ['a typo', { name: 'serch_products' }, shop, 'search_products'],
  ])('%s', (_, missing, candidates, expected) => {
    expect(nearestTool(missing, candidates)?.name ?? null).toBe(expected);
  });

  it('prefers what is new to what was there beside it', () => {
    const candidates = [tool('get_orders', ['order_id']), tool('fetch_order', ['order_id'])];
    const missing = { name: 'get_order', tool: tool('get_order', ['order_id']) };
    expect(nearestTool(missing, candidates)?.name).toBe('get_orders');
    expect(nearestTool(missing, candidates, new Set(['get_orders']))?.name).toBe('fetch_order');
  });

  it('takes schemas that are none and names of any length', () => {
    const odd: CatalogToolShape = { name: 'x'.repeat(100_000), inputSchema: 'none' };
    expect(nearestTool({ name: 'a', tool: odd }, [odd])).toBe(null);
    expect(nameSimilarity('', '')).toBe(1);
  });
});
