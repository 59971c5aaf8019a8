import { CURRENCY, PRODUCTS, type Product } from './seed.ts';

/** A request that the shop refuses. The message says what to do instead. */
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

/** The changes of one reference: its orders, and stock that differs from the seed. */
type Ledger = { orders: Map<string, Order>; stock: Map<string, number> };

export type ShopLimits = {
  /** The least recently written reference is dropped first. */
  maxReferences: number;
  /** The oldest order is dropped first. */
  maxOrdersPerReference: number;
};

export type Shop = ReturnType<typeof createShop>;

/**
 * Creates the state of the shop. Each reference sees the seed stock and only its own orders, so that runs don't disturb
 * each other.
 */
export function createShop({
  limits = { maxReferences: 2_000, maxOrdersPerReference: 200 },
  now = () => new Date(),
}: {
  limits?: ShopLimits;
  now?: () => Date;
} = {}) {
  const products = new Map(PRODUCTS.map((product) => [product.sku, product]));
  const ledgers = new Map<string, Ledger>();
  /** Order id → reference. */
  const references = new Map<string, string>();
  let orderCount = 0;

  function getProduct(sku: string): Product {
    const product = products.get(sku);
    if (!product) throw new ShopError(`There is no product with the sku "${sku}". Find skus with search_products.`);
    return product;
  }

  function openLedger(reference: string): Ledger {
    const ledger = ledgers.get(reference) ?? { orders: new Map(), stock: new Map() };
    ledgers.delete(reference);
    ledgers.set(reference, ledger);
    const [oldest] = ledgers;
    if (oldest && ledgers.size > limits.maxReferences) {
      ledgers.delete(oldest[0]);
      for (const id of oldest[1].orders.keys()) references.delete(id);
    }
    return ledger;
  }

  function getStock(sku: string, reference?: string): number {
    const { stock: seedStock } = getProduct(sku);
    return (reference === undefined ? undefined : ledgers.get(reference)?.stock.get(sku)) ?? seedStock;
  }

  function getOrder(id: string): Order {
    const order = ledgers.get(references.get(id) ?? '')?.orders.get(id);
    if (!order) throw new ShopError(`There is no order "${id}". List the orders of a reference with list_orders.`);
    return order;
  }

  return {
    products: PRODUCTS,
    getProduct,
    getStock,
    getOrder,

    /** @returns the reference of an order, if the order exists. */
    findReference: (orderId: string) => references.get(orderId),

    /** @returns the orders of a reference, oldest first. */
    listOrders: (reference: string): Order[] => [...(ledgers.get(reference)?.orders.values() ?? [])],

    createOrder({ sku, quantity, reference }: { sku: string; quantity: number; reference: string }): Order {
      const { name, priceCents } = getProduct(sku);
      const available = getStock(sku, reference);
      if (available < quantity) {
        throw new ShopError(
          available === 0
            ? `${sku} (${name}) is out of stock. Find another product with search_products.`
            : `Only ${available} of ${sku} (${name}) in stock, ${quantity} ordered. Order at most ${available}.`,
        );
      }
      const ledger = openLedger(reference);
      orderCount += 1;
      const created: Order = {
        order_id: `ord_${String(orderCount).padStart(6, '0')}`,
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
      references.set(created.order_id, reference);
      const [oldest] = ledger.orders.keys();
      if (oldest !== undefined && ledger.orders.size > limits.maxOrdersPerReference) {
        ledger.orders.delete(oldest);
        references.delete(oldest);
      }
      return created;
    },

    refundOrder({ orderId, reason }: { orderId: string; reason: string }): Order {
      const order = getOrder(orderId);
      if (order.refund) {
        throw new ShopError(
          `Order ${orderId} was already refunded at ${order.refund.refunded_at}. An order can only be refunded once.`,
        );
      }
      const ledger = openLedger(order.reference);
      const refunded: Order = {
        ...order,
        status: 'refunded',
        refund: { amount_cents: order.total_cents, reason, refunded_at: now().toISOString() },
      };
      ledger.orders.set(orderId, refunded);
      ledger.stock.set(order.sku, getStock(order.sku, order.reference) + order.quantity);
      return refunded;
    },

    /** Sets the stock that this reference sees. @returns the previous quantity. */
    updateStock({ sku, quantity, reference }: { sku: string; quantity: number; reference: string }): number {
      const previous = getStock(sku, reference);
      openLedger(reference).stock.set(sku, quantity);
      return previous;
    },
  };
}
