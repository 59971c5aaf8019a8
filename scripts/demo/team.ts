/** What the workspace of the demo tests: servers, monitors and workflows as a team would have them. */
export const servers = [
  { key: 'storefront', name: 'Storefront' },
  { key: 'orders', name: 'Orders' },
  { key: 'support', name: 'Support desk' },
] as const;
export type ServerKey = (typeof servers)[number]['key'];

type Monitor = {
  server: ServerKey;
  tool: string;
  name: string;
  arguments: { [name: string]: string };
  typicalMs: number;
};

export const monitors: Monitor[] = [
  {
    server: 'storefront',
    tool: 'search_products',
    name: 'Search finds mugs',
    arguments: { query: 'mug' },
    typicalMs: 19,
  },
  { server: 'storefront', tool: 'get_product', name: 'Mug has a price', arguments: { sku: 'MUG-001' }, typicalMs: 11 },
  { server: 'orders', tool: 'check_stock', name: 'Mug is in stock', arguments: { sku: 'MUG-001' }, typicalMs: 14 },
  {
    server: 'orders',
    tool: 'list_orders',
    name: 'Orders are listed',
    arguments: { reference: 'demo' },
    typicalMs: 24,
  },
  { server: 'support', tool: 'get_shop_status', name: 'Support desk is open', arguments: {}, typicalMs: 9 },
];

const order = [
  'call search_products {"query": "mug"}',
  'call check_stock {"sku": "$1.products.0.sku"}',
  'call create_order {"sku": "$1.products.0.sku", "quantity": 1, "reference": "{{run.short_id}}"}',
  'call get_order {"order_id": "$3.order_id"}',
];

export const workflows: {
  server: ServerKey;
  name: string;
  description: string;
  steps: string[];
  criteria: string[];
  schedule: string;
  isFlaky: boolean;
  /** The tool that fails in its failing runs, with its error, and the share of runs that fail. */
  failing: { tool: string; error: string; share: number };
}[] = [
  {
    server: 'orders',
    name: 'Order a mug and find it again',
    description: 'Searches the catalog, checks stock, orders one and reads the order back.',
    steps: order,
    criteria: [
      'calls `search_products` before `create_order`',
      'calls `create_order` exactly once',
      'no tool call fails',
      '`get_order` result field `status` equals "confirmed"',
    ],
    schedule: '0 */2 * * *',
    isFlaky: false,
    failing: { tool: 'create_order', error: 'payment provider timed out', share: 0.04 },
  },
  {
    server: 'storefront',
    name: 'Compare two products',
    description: 'Finds two products and reads the price of each.',
    steps: ['call search_products {"query": "mug"}', 'call get_product {"sku": "$1.products.0.sku"}'],
    criteria: ['calls `search_products`', 'calls `get_product`', '`get_product` result field `price_cents` exists'],
    schedule: '30 */3 * * *',
    isFlaky: false,
    failing: { tool: 'get_product', error: 'the price service did not answer', share: 0.02 },
  },
  {
    server: 'support',
    name: 'Answer where an order is',
    description: 'Looks up the orders of a customer and the status of the shop.',
    steps: ['call get_shop_status {}', 'call list_orders {"reference": "demo"}'],
    criteria: ['calls `list_orders` exactly once', 'no tool call fails', 'finishes within 30 s'],
    schedule: '15 */4 * * *',
    isFlaky: true,
    failing: { tool: 'list_orders', error: 'too many requests, retry in 2 s', share: 0.28 },
  },
];
