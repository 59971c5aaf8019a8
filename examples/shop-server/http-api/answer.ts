import { z } from 'zod';
import { CATEGORIES, CURRENCY, type Product } from '../seed.ts';
import { type Order, type Shop, ShopError } from '../shop.ts';

export type ApiRequest = {
  method: string;
  path: string;
  query: URLSearchParams;
  authorization: string | undefined;
  body: unknown;
};
export type ApiAnswer = { status: number; body: object };

/** API keys of the shop, and whose they are. They are public: this is an example. */
const customers = new Map([
  ['shop-key-ada-4711', 'ada'],
  ['shop-key-grace-4712', 'grace'],
]);

const search = z.object({
  query: z.string().max(200).default(''),
  category: z.enum(CATEGORIES).optional(),
  max_price_cents: z.coerce.number().int().min(0).optional(),
  limit: z.coerce.number().int().min(1).max(50).default(10),
});
const newOrder = z.strictObject({ sku: z.string(), quantity: z.int().min(1).max(100) });
const newStock = z.strictObject({ quantity: z.int().min(0).max(100_000) });
const refund = z.strictObject({ reason: z.string().min(1).max(200) });

/** Answers a request to the shop's HTTP API. Orders and stock belong to the customer of the API key. */
export function answerApi(request: ApiRequest, shop: Shop): ApiAnswer {
  const [, key = ''] = /^Bearer (.+)$/i.exec(request.authorization ?? '') ?? [];
  const customer = customers.get(key);
  if (customer === undefined)
    return refuse(401, 'Unknown API key. Send one of the shop as "Authorization: Bearer <key>".');
  try {
    return route(request, shop, customer);
  } catch (error) {
    if (error instanceof ShopError) return refuse(error.message.startsWith('There is no') ? 404 : 409, error.message);
    if (error instanceof z.ZodError) return refuse(400, z.prettifyError(error));
    throw error;
  }
}

const refuse = (status: number, error: string): ApiAnswer => ({ status, body: { error } });
const ok = (body: object, status = 200): ApiAnswer => ({ status, body });

function route({ method, path, query, body }: ApiRequest, shop: Shop, customer: string): ApiAnswer {
  const [noun = '', id, part] = path.split('/').filter(Boolean).map(decodeURIComponent);
  switch (`${method} ${noun}${id === undefined ? '' : '/{id}'}${part === undefined ? '' : `/${part}`}`) {
    case 'GET me':
      return ok({ customer });
    case 'GET products':
      return ok(listProducts(search.parse(Object.fromEntries(query)), shop));
    case 'GET products/{id}':
      return ok(toProduct(shop.getProduct(id ?? '')));
    case 'GET products/{id}/stock':
      return ok({ sku: id, quantity: shop.getStock(id ?? '', customer) });
    case 'PUT products/{id}/stock': {
      const { quantity } = newStock.parse(body);
      shop.updateStock({ sku: id ?? '', quantity, reference: customer });
      return ok({ sku: id, quantity });
    }
    case 'GET orders': {
      const status = query.get('status');
      return ok({ orders: shop.listOrders(customer).filter((order) => status === null || order.status === status) });
    }
    case 'POST orders':
      return ok(shop.createOrder({ ...newOrder.parse(body), reference: customer }), 201);
    case 'GET orders/{id}':
      return ok(ownOrder(shop, customer, id ?? ''));
    case 'POST orders/{id}/refund':
      return ok(shop.refundOrder({ orderId: ownOrder(shop, customer, id ?? '').order_id, ...refund.parse(body) }));
    default:
      return refuse(404, `Nothing answers ${method} ${path}. The document is at /openapi.json.`);
  }
}

function ownOrder(shop: Shop, customer: string, orderId: string): Order {
  const order = shop.getOrder(orderId);
  if (order.reference !== customer) throw new ShopError(`There is no order "${orderId}" of yours.`);
  return order;
}

function listProducts({ query, category, max_price_cents, limit }: z.infer<typeof search>, shop: Shop) {
  const words = query.toLowerCase().split(/\s+/);
  const found = shop.products.filter((product) => {
    const text = `${product.sku} ${product.name} ${product.description}`.toLowerCase();
    return (
      words.every((word) => text.includes(word)) &&
      (category === undefined || product.category === category) &&
      (max_price_cents === undefined || product.priceCents <= max_price_cents)
    );
  });
  return { total: found.length, products: found.slice(0, limit).map(toProduct) };
}

const toProduct = ({ sku, name, category, description, priceCents, shippingDays }: Product) => ({
  sku,
  name,
  category,
  description,
  price_cents: priceCents,
  currency: CURRENCY,
  shipping_days: shippingDays,
});
