import { z } from 'zod';
import { defineTool, type ShopTool } from './define-tool.ts';
import { CATEGORIES, CURRENCY, type Product } from './seed.ts';

const Sku = z.string().min(1).max(40).describe('Stock keeping unit of the product, for example MUG-001');
const OrderId = z.string().min(1).max(40).describe('Id of the order, as create_order returned it');
const Reference = z
  .string()
  .regex(/^[\w.:-]{1,64}$/, 'use 1 to 64 letters, digits, "_", ".", ":" or "-"')
  .describe('Your own name for a group of orders, for example the id of a test run');

const ProductSummary = z.object({
  sku: z.string(),
  name: z.string(),
  category: z.enum(CATEGORIES),
  price_cents: z.int().describe('Price of one piece in euro cents'),
  currency: z.string(),
});

const OrderDetails = z.object({
  order_id: z.string(),
  reference: z.string(),
  status: z.enum(['confirmed', 'refunded']),
  sku: z.string(),
  name: z.string(),
  quantity: z.int(),
  unit_price_cents: z.int(),
  total_cents: z.int(),
  currency: z.string(),
  created_at: z.string().describe('ISO 8601 time'),
  refund: z
    .object({ amount_cents: z.int(), reason: z.string(), refunded_at: z.string() })
    .exactOptional()
    .describe('Present once the order was refunded'),
});

const readOnly = { readOnlyHint: true, openWorldHint: false };

function summarize({ sku, name, category, priceCents }: Product): z.infer<typeof ProductSummary> {
  return { sku, name, category, price_cents: priceCents, currency: CURRENCY };
}

export const TOOLS: readonly ShopTool[] = [
  defineTool({
    name: 'search_products',
    title: 'Search products',
    description:
      'Finds products by words in their name or description, by category and by price. Lists all products when called without arguments. Returns skus for the other tools.',
    annotations: readOnly,
    input: z.strictObject({
      query: z.string().max(200).optional().describe('Words that must all occur, ignoring case'),
      category: z.enum(CATEGORIES).optional(),
      max_price_cents: z.int().min(0).optional().describe('Highest price of one piece in euro cents'),
      limit: z.int().min(1).max(50).default(10).describe('Maximum number of products to return'),
    }),
    output: z.object({
      total: z.int().describe('Number of matching products, regardless of the limit'),
      products: z.array(ProductSummary),
    }),
    breaking: { kind: 'rename', from: 'query', to: 'text' },
    run({ query = '', category, max_price_cents = Number.POSITIVE_INFINITY, limit }, shop) {
      const words = query.toLowerCase().split(/\s+/);
      const matches = shop.products.filter((product) => {
        const text = `${product.sku} ${product.name} ${product.description}`.toLowerCase();
        return (
          words.every((word) => text.includes(word)) &&
          (category === undefined || product.category === category) &&
          product.priceCents <= max_price_cents
        );
      });
      return { total: matches.length, products: matches.slice(0, limit).map(summarize) };
    },
  }),

  defineTool({
    name: 'get_product',
    title: 'Get a product',
    description: 'Returns one product with its description, price and shipping time.',
    annotations: readOnly,
    input: z.strictObject({ sku: Sku }),
    output: ProductSummary.extend({ description: z.string(), shipping_days: z.int() }),
    breaking: { kind: 'rename', from: 'sku', to: 'product_id' },
    run({ sku }, shop) {
      const product = shop.getProduct(sku);
      return { ...summarize(product), description: product.description, shipping_days: product.shippingDays };
    },
  }),

  defineTool({
    name: 'check_stock',
    title: 'Check stock',
    description: 'Returns the stock of a product. With a reference, orders under it are subtracted.',
    annotations: readOnly,
    input: z.strictObject({ sku: Sku, reference: Reference.optional() }),
    output: z.object({ sku: z.string(), in_stock: z.boolean(), quantity: z.int() }),
    breaking: { kind: 'rename', from: 'sku', to: 'product_id' },
    run({ sku, reference }, shop) {
      const quantity = shop.getStock(sku, reference);
      return { sku, in_stock: quantity > 0, quantity };
    },
  }),

  defineTool({
    name: 'create_order',
    title: 'Create an order',
    description:
      'Orders one product under your reference and reduces its stock. Every call creates a new order, even with the same arguments.',
    annotations: { readOnlyHint: false, destructiveHint: false, idempotentHint: false, openWorldHint: false },
    input: z.strictObject({
      sku: Sku,
      quantity: z.int().min(1).max(100).describe('Pieces to order'),
      reference: Reference,
    }),
    output: OrderDetails,
    breaking: { kind: 'rename', from: 'quantity', to: 'units' },
    run: (args, shop) => shop.createOrder(args),
  }),

  defineTool({
    name: 'get_order',
    title: 'Get an order',
    description: 'Returns one order with its status and, once it was refunded, the refund.',
    annotations: readOnly,
    input: z.strictObject({ order_id: OrderId }),
    output: OrderDetails,
    breaking: { kind: 'rename', from: 'order_id', to: 'id' },
    run: ({ order_id }, shop) => shop.getOrder(order_id),
  }),

  defineTool({
    name: 'list_orders',
    title: 'List orders',
    description: 'Lists the orders under a reference, oldest first. Returns an empty list if there are none.',
    annotations: readOnly,
    input: z.strictObject({ reference: Reference }),
    output: z.object({ reference: z.string(), total: z.int(), orders: z.array(OrderDetails) }),
    breaking: { kind: 'rename', from: 'reference', to: 'customer_reference' },
    run({ reference }, shop) {
      const orders = shop.listOrders(reference);
      return { reference, total: orders.length, orders };
    },
  }),

  defineTool({
    name: 'refund_order',
    title: 'Refund an order',
    description: 'Refunds an order in full and returns its pieces to stock. An order can only be refunded once.',
    annotations: { readOnlyHint: false, destructiveHint: true, idempotentHint: false, openWorldHint: false },
    input: z.strictObject({
      order_id: OrderId,
      reason: z.string().max(500).default('not given').describe('Why the order is refunded, in a few words'),
    }),
    output: OrderDetails,
    breaking: { kind: 'rename', from: 'order_id', to: 'id' },
    run: ({ order_id, reason }, shop) => shop.refundOrder({ orderId: order_id, reason }),
  }),

  defineTool({
    name: 'update_stock',
    title: 'Update stock',
    description: 'Sets the stock of a product that your reference sees.',
    annotations: { readOnlyHint: false, destructiveHint: false, idempotentHint: true, openWorldHint: false },
    input: z.strictObject({
      sku: Sku,
      quantity: z.int().min(0).max(1_000_000).describe('New number of pieces in stock'),
      reference: Reference,
    }),
    output: z.object({ sku: z.string(), quantity: z.int(), previous_quantity: z.int() }),
    breaking: { kind: 'rename', from: 'quantity', to: 'on_hand' },
    run: (args, shop) => ({ sku: args.sku, quantity: args.quantity, previous_quantity: shop.updateStock(args) }),
  }),

  defineTool({
    name: 'get_shop_status',
    title: 'Get the shop status',
    description: 'Returns whether the shop is open and what it sells. Takes no arguments. Use it as a health check.',
    annotations: readOnly,
    input: z.strictObject({}),
    output: z.object({
      status: z.literal('open'),
      products: z.int().describe('Products in the catalogue'),
      categories: z.array(z.enum(CATEGORIES)),
      currency: z.string(),
    }),
    breaking: { kind: 'require', property: 'region' },
    run: (_args, shop) => ({
      status: 'open' as const,
      products: shop.products.length,
      categories: [...CATEGORIES],
      currency: CURRENCY,
    }),
  }),
];
