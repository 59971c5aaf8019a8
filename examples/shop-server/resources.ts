import { ResourceNotFoundError } from '@modelcontextprotocol/server';
import { CURRENCY, PRODUCTS, REFUND_POLICY } from './seed.ts';
import { type Shop, ShopError } from './shop.ts';

const CATALOG_URI = 'shop://catalog';
const REFUNDS_URI = 'shop://policies/refunds';
const ORDER_URI = /^shop:\/\/orders\/([^/]+)$/;

export const RESOURCES = [
  {
    uri: CATALOG_URI,
    name: 'catalog',
    title: 'Catalogue',
    description: 'All products with their price and their stock before any order',
    mimeType: 'application/json',
  },
  {
    uri: REFUNDS_URI,
    name: 'refund-policy',
    title: 'Refund policy',
    description: 'What can be refunded, and when',
    mimeType: 'text/markdown',
  },
];

export const RESOURCE_TEMPLATES = [
  {
    uriTemplate: 'shop://orders/{id}',
    name: 'order',
    title: 'Order',
    description: 'One order by its id',
    mimeType: 'application/json',
  },
];

const CATALOG = JSON.stringify(
  PRODUCTS.map(({ sku, name, category, priceCents, stock }) => ({
    sku,
    name,
    category,
    price_cents: priceCents,
    currency: CURRENCY,
    stock,
  })),
  null,
  2,
);

/** @throws ResourceNotFoundError */
export function readShopResource(uri: string, shop: Shop): { uri: string; mimeType: string; text: string } {
  if (uri === CATALOG_URI) return { uri, mimeType: 'application/json', text: CATALOG };
  if (uri === REFUNDS_URI) return { uri, mimeType: 'text/markdown', text: REFUND_POLICY };
  const orderId = ORDER_URI.exec(uri)?.[1];
  if (orderId === undefined) throw new ResourceNotFoundError(uri);
  try {
    return { uri, mimeType: 'application/json', text: JSON.stringify(shop.getOrder(orderId), null, 2) };
  } catch (error) {
    if (error instanceof ShopError) throw new ResourceNotFoundError(uri, error.message);
    throw error;
  }
}
