import { describe, expect, it } from 'vitest';
import { readDocument } from '../document/read.ts';
import { listTools } from '../tool/list.ts';
import { estimateTokens } from '../tool/tokens.ts';
import { searchIndex } from './search.ts';
import { searchModeTools } from './tools.ts';

const operation = (operationId: string, summary: string, tags: string[]) => ({
  operationId,
  summary,
  tags,
  responses: {},
});
const id = { name: 'id', in: 'path', required: true, schema: { type: 'string' } };
const paths = {
  '/orders': {
    get: operation('listOrders', 'List orders', ['Orders']),
    post: operation('createOrder', 'Place an order', ['Orders']),
  },
  '/orders/{id}': {
    parameters: [id],
    get: operation('getOrder', 'Show one order', ['Orders']),
    delete: operation('cancelOrder', 'Cancel an order', ['Orders']),
  },
  '/orders/{id}/refunds': { parameters: [id], post: operation('createRefund', 'Refund an order', ['Orders']) },
  '/customers': { post: operation('createCustomer', 'Create a customer', ['Customers']) },
  '/customers/{id}/addresses': { parameters: [id], get: operation('listAddresses', 'List addresses', ['Customers']) },
};

function listShopTools() {
  const read = readDocument(JSON.stringify({ openapi: '3.1.0', info: { title: 'Shop', version: '1' }, paths }));
  return 'document' in read ? listTools(read.document).tools : [];
}

describe('search', () => {
  it.each([
    ['list all orders', 'listOrders'],
    ['new customer', 'createCustomer'],
    ['money back for an order', 'createRefund'],
    ['stop an order', 'cancelOrder'],
    ['where does a customer live: addresses', 'listAddresses'],
    ['createRefund', 'createRefund'],
    ['adresses', 'listAddresses'],
  ])('finds for “%s” first %s', (query, name) => {
    expect(searchIndex(listShopTools()).search(query)[0]?.tool.name).toBe(name);
  });

  it('reads the first sentence of a description where there is no summary, without its markup', () => {
    const described = (description: string) => ({ post: { description, responses: {} } });
    const text = JSON.stringify({
      openapi: '3.1.0',
      info: { title: '', version: '' },
      paths: {
        '/topups': described('<p class="balance">Adds money to the account. See https://a.test/balance.</p>'),
        '/v/items': described('<p>Puts something on a list. Adds money.</p>'),
        '/orgs': described('Begins one'),
      },
    });
    const read = readDocument(text);
    const index = searchIndex('document' in read ? listTools(read.document).tools : []);
    const find = (query: string) => index.search(query).map(({ tool }) => tool.plan.path);
    expect(find('money')).toEqual(['/topups', '/v/items']);
    expect(find('class')).toEqual([]);
    expect(find('organization')).toEqual(['/orgs']);
  });

  it('finds nothing for words that no operation has', () => {
    expect(searchIndex(listShopTools()).search('weather on mars')).toEqual([]);
  });

  it('returns as many as were asked for, in the same order every time', () => {
    const find = () => searchIndex(listShopTools()).search('order', 3);
    expect(find()).toHaveLength(3);
    expect(find()).toEqual(find());
  });
});

describe('tools of search mode', () => {
  it('are few and small, and name what the API is about', () => {
    const tools = searchModeTools(listShopTools());
    expect(tools.map(({ name }) => name)).toEqual([
      'search_operations',
      'describe_operation',
      'call_read_operation',
      'call_write_operation',
    ]);
    expect(tools[0]?.description).toContain('7 operations on: Orders, Customers');
    expect(estimateTokens(JSON.stringify(tools).length)).toBeLessThan(600);
  });
});
