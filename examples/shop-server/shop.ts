import { CURRENCY, PRODUCTS, type Product } from './seed.ts';

/** A request that the shop refuses; the message tells the caller what to do instead. */
export class ShopError extends Error {
  override name = 'ShopError';
}

export type Order = {
  order_id: string;
  reference: string;
  status: 'confirmed' | 'refunded';
  sku: string;
  name: string;
  quantity: number;
  unit_price_cents: number;
  total_cents: number;
  currency: string;
  created_at: string;
  refund?: { amount_cents: number; reason: string; refunded_at: string };
};

/** What one reference has changed: its orders, and the stock where it differs from the seed. */
type Ledger = { orders: Map<string, Order>; stock: Map<string, number> };

export type ShopLimits = {
  /** References that are remembered; the least recently written one is forgotten first. */
  references: number;
  /** Orders that are remembered for each reference; the oldest is forgotten first. */
  ordersPerReference: number;
};

export type Shop = ReturnType<typeof createShop>;

/**
 * The state of the shop. Every reference sees the seed stock and its own orders alone, so that runs that go on at the
 * same time, or one after the other for months, don't disturb each other.
 */
export function createShop({
  limits = { references: 2_000, ordersPerReference: 200 },
  now = () => new Date(),
}: {
  limits?: ShopLimits;
  now?: () => Date;
} = {}) {
  const products = new Map(PRODUCTS.map((product) => [product.sku, product]));
  const ledgers = new Map<string, Ledger>();
  const toReference = new Map<string, string>();
  let lastOrder = 0;

  function product(sku: string): Product {
    const found = products.get(sku);
    if (!found) throw new ShopError(`There is no product with the sku "${sku}". Find skus with search_products.`);
    return found;
  }

  function ledgerToWrite(reference: string): Ledger {
    const ledger = ledgers.get(reference) ?? { orders: new Map(), stock: new Map() };
    ledgers.delete(reference);
    ledgers.set(reference, ledger);
    const [oldest] = ledgers;
    if (oldest && ledgers.size > limits.references) {
      ledgers.delete(oldest[0]);
      for (const id of oldest[1].orders.keys()) toReference.delete(id);
    }
    return ledger;
  }

  function stock(sku: string, reference?: string): number {
    const { stock: seeded } = product(sku);
    return (reference === undefined ? undefined : ledgers.get(reference)?.stock.get(sku)) ?? seeded;
  }

  function order(id: string): Order {
    const found = ledgers.get(toReference.get(id) ?? '')?.orders.get(id);
    if (!found) throw new ShopError(`There is no order "${id}". List the orders of a reference with list_orders.`);
    return found;
  }

  return {
    products: PRODUCTS,
    product,
    stock,
    order,

    /** The reference that an order belongs to, where the order is known. */
    referenceOf: (orderId: string) => toReference.get(orderId),

    /** The orders of a reference, oldest first. */
    orders: (reference: string): Order[] => [...(ledgers.get(reference)?.orders.values() ?? [])],

    createOrder({ sku, quantity, reference }: { sku: string; quantity: number; reference: string }): Order {
      const { name, priceCents } = product(sku);
      const available = stock(sku, reference);
      if (available < quantity) {
        throw new ShopError(
          available === 0
            ? `${sku} (${name}) is out of stock. Look for another product with search_products.`
            : `Only ${available} of ${sku} (${name}) in stock, ${quantity} ordered. Order at most ${available}.`,
        );
      }
      const ledger = ledgerToWrite(reference);
      lastOrder += 1;
      const created: Order = {
        order_id: `ord_${String(lastOrder).padStart(6, '0')}`,
        reference,
        status: 'confirmed',
        sku,
        name,
        quantity,
        unit_price_cents: priceCents,
        total_cents: priceCents * quantity,
        currency: CURRENCY,
        created_at: now().toISOString(),
      };
      ledger.stock.set(sku, available - quantity);
      ledger.orders.set(created.order_id, created);
      toReference.set(created.order_id, reference);
      const [oldest] = ledger.orders.keys();
      if (oldest !== undefined && ledger.orders.size > limits.ordersPerReference) {
        ledger.orders.delete(oldest);
        toReference.delete(oldest);
      }
      return created;
    },

    refundOrder({ orderId, reason }: { orderId: string; reason: string }): Order {
      const confirmed = order(orderId);
      if (confirmed.refund) {
        throw new ShopError(
          `Order ${orderId} was already refunded at ${confirmed.refund.refunded_at}. An order is refunded once.`,
        );
      }
      const ledger = ledgerToWrite(confirmed.reference);
      const refunded: Order = {
        ...confirmed,
        status: 'refunded',
        refund: { amount_cents: confirmed.total_cents, reason, refunded_at: now().toISOString() },
      };
      ledger.orders.set(orderId, refunded);
      ledger.stock.set(confirmed.sku, stock(confirmed.sku, confirmed.reference) + confirmed.quantity);
      return refunded;
    },

    /** Sets the pieces in stock as this reference sees them. @returns the quantity before. */
    updateStock({ sku, quantity, reference }: { sku: string; quantity: number; reference: string }): number {
      const previous = stock(sku, reference);
      ledgerToWrite(reference).stock.set(sku, quantity);
      return previous;
    },
  };
}
