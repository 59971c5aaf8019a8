import { CATEGORIES } from '../seed.ts';

const error = {
  description: 'What is wrong',
  content: { 'application/json': { schema: { $ref: '#/components/schemas/Error' } } },
};
const json = (schema: object, description: string) => ({ description, content: { 'application/json': { schema } } });
const ref = (name: string) => ({ $ref: `#/components/schemas/${name}` });
const parameter = (name: string) => ({ $ref: `#/components/parameters/${name}` });

/** The OpenAPI document of the shop's HTTP API. @param url where the API is */
export const describeApi = (url: string) => ({
  openapi: '3.1.0',
  info: {
    title: 'Example shop',
    version: '1.0.0',
    description: 'Products, stock and orders of a small shop. Each API key sees its own orders.',
  },
  servers: [{ url }],
  security: [{ key: [] }],
  tags: [{ name: 'account' }, { name: 'products' }, { name: 'orders' }],
  paths: {
    '/me': {
      get: {
        operationId: 'getAccount',
        tags: ['account'],
        summary: 'Show the customer that the API key belongs to',
        responses: { 200: json(ref('Account'), 'The customer'), 401: error },
      },
    },
    '/products': {
      get: {
        operationId: 'listProducts',
        tags: ['products'],
        summary: 'List products',
        description: 'Finds products by words, category and price. Lists all products without parameters.',
        parameters: [
          {
            name: 'query',
            in: 'query',
            description: 'Words that must all occur',
            schema: { type: 'string', maxLength: 200 },
          },
          { name: 'category', in: 'query', schema: { type: 'string', enum: CATEGORIES } },
          {
            name: 'max_price_cents',
            in: 'query',
            description: 'Highest price of one piece in euro cents',
            schema: { type: 'integer', minimum: 0 },
          },
          { name: 'limit', in: 'query', schema: { type: 'integer', minimum: 1, maximum: 50, default: 10 } },
        ],
        responses: {
          200: json(
            {
              type: 'object',
              required: ['total', 'products'],
              properties: { total: { type: 'integer' }, products: { type: 'array', items: ref('Product') } },
            },
            'The products that match',
          ),
          401: error,
        },
      },
    },
    '/products/{sku}': {
      parameters: [parameter('Sku')],
      get: {
        operationId: 'getProduct',
        tags: ['products'],
        summary: 'Show a product',
        responses: { 200: json(ref('Product'), 'The product'), 404: error },
      },
    },
    '/products/{sku}/stock': {
      parameters: [parameter('Sku')],
      get: {
        operationId: 'getStock',
        tags: ['products'],
        summary: 'Show how many pieces are in stock',
        responses: { 200: json(ref('Stock'), 'The stock'), 404: error },
      },
      put: {
        operationId: 'setStock',
        tags: ['products'],
        summary: 'Set how many pieces are in stock',
        requestBody: {
          required: true,
          content: {
            'application/json': {
              schema: {
                type: 'object',
                required: ['quantity'],
                properties: { quantity: { type: 'integer', minimum: 0, maximum: 100_000 } },
                additionalProperties: false,
              },
            },
          },
        },
        responses: { 200: json(ref('Stock'), 'The stock'), 404: error },
      },
    },
    '/orders': {
      get: {
        operationId: 'listOrders',
        tags: ['orders'],
        summary: 'List your orders, oldest first',
        parameters: [{ name: 'status', in: 'query', schema: { type: 'string', enum: ['confirmed', 'refunded'] } }],
        responses: {
          200: json(
            { type: 'object', required: ['orders'], properties: { orders: { type: 'array', items: ref('Order') } } },
            'The orders',
          ),
          401: error,
        },
      },
      post: {
        operationId: 'createOrder',
        tags: ['orders'],
        summary: 'Order a product',
        description: 'Orders one product and reduces its stock. Every call creates a new order.',
        requestBody: {
          required: true,
          content: {
            'application/json': {
              schema: {
                type: 'object',
                required: ['sku', 'quantity'],
                properties: {
                  sku: { type: 'string', description: 'As listProducts returns it, for example MUG-001' },
                  quantity: { type: 'integer', minimum: 1, maximum: 100 },
                },
                additionalProperties: false,
              },
            },
          },
        },
        responses: { 201: json(ref('Order'), 'The order'), 404: error, 409: error },
      },
    },
    '/orders/{order_id}': {
      parameters: [parameter('OrderId')],
      get: {
        operationId: 'getOrder',
        tags: ['orders'],
        summary: 'Show an order',
        responses: { 200: json(ref('Order'), 'The order'), 404: error },
      },
    },
    '/orders/{order_id}/refund': {
      parameters: [parameter('OrderId')],
      post: {
        operationId: 'refundOrder',
        tags: ['orders'],
        summary: 'Refund an order',
        requestBody: {
          required: true,
          content: {
            'application/json': {
              schema: {
                type: 'object',
                required: ['reason'],
                properties: { reason: { type: 'string', minLength: 1, maxLength: 200 } },
                additionalProperties: false,
              },
            },
          },
        },
        responses: { 200: json(ref('Order'), 'The order'), 404: error, 409: error },
      },
    },
  },
  components: {
    securitySchemes: { key: { type: 'http', scheme: 'bearer', description: 'Your API key of the shop' } },
    parameters: {
      Sku: { name: 'sku', in: 'path', required: true, description: 'For example MUG-001', schema: { type: 'string' } },
      OrderId: { name: 'order_id', in: 'path', required: true, schema: { type: 'string' } },
    },
    schemas: {
      Account: { type: 'object', required: ['customer'], properties: { customer: { type: 'string' } } },
      Product: {
        type: 'object',
        required: ['sku', 'name', 'category', 'price_cents', 'currency'],
        properties: {
          sku: { type: 'string' },
          name: { type: 'string' },
          category: { type: 'string', enum: CATEGORIES },
          description: { type: 'string' },
          price_cents: { type: 'integer' },
          currency: { type: 'string' },
          shipping_days: { type: 'integer' },
        },
      },
      Stock: {
        type: 'object',
        required: ['sku', 'quantity'],
        properties: { sku: { type: 'string' }, quantity: { type: 'integer' } },
      },
      Order: {
        type: 'object',
        required: ['order_id', 'status', 'sku', 'quantity', 'total_cents'],
        properties: {
          order_id: { type: 'string' },
          status: { type: 'string', enum: ['confirmed', 'refunded'] },
          sku: { type: 'string' },
          name: { type: 'string' },
          quantity: { type: 'integer' },
          unit_price_cents: { type: 'integer' },
          total_cents: { type: 'integer' },
          currency: { type: 'string' },
          created_at: { type: 'string', format: 'date-time' },
        },
      },
      Error: { type: 'object', required: ['error'], properties: { error: { type: 'string' } } },
    },
  },
});
