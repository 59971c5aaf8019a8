/** A product. They are the same at every start, so that tests can name products, prices and quantities. */
export type Product = {
  sku: string;
  name: string;
  category: Category;
  description: string;
  /** Price of one piece in euro cents, taxes included. */
  priceCents: number;
  /** Pieces in stock before any order. */
  stock: number;
  shippingDays: number;
};

export const CATEGORIES = ['kitchen', 'office', 'outdoor', 'lighting', 'digital'] as const;
export type Category = (typeof CATEGORIES)[number];

export const CURRENCY = 'EUR';

function product(
  sku: string,
  name: string,
  category: Category,
  numbers: { priceCents: number; stock: number; shippingDays: number },
  description: string,
): Product {
  return { sku, name, category, description, ...numbers };
}

export const PRODUCTS: readonly Product[] = [
  product('MUG-001', 'Enamel mug', 'kitchen', { priceCents: 1490, stock: 120, shippingDays: 2 }, 'White, 350 ml.'),
  product(
    'MUG-002',
    'Travel mug',
    'kitchen',
    { priceCents: 2490, stock: 64, shippingDays: 2 },
    'Steel, keeps warm 6 h.',
  ),
  product(
    'KET-001',
    'Pour-over kettle',
    'kitchen',
    { priceCents: 5990, stock: 18, shippingDays: 3 },
    'Gooseneck, 1 litre.',
  ),
  product('GRD-001', 'Hand coffee grinder', 'kitchen', { priceCents: 8900, stock: 9, shippingDays: 3 }, 'Steel burrs.'),
  product('KNF-001', "Chef's knife", 'kitchen', { priceCents: 7450, stock: 22, shippingDays: 3 }, 'Blade of 20 cm.'),
  product(
    'BRD-001',
    'Oak cutting board',
    'kitchen',
    { priceCents: 3900, stock: 0, shippingDays: 5 },
    '40 by 25 cm, oiled.',
  ),
  product(
    'PAN-001',
    'Cast iron pan',
    'kitchen',
    { priceCents: 4990, stock: 31, shippingDays: 4 },
    '26 cm, pre-seasoned.',
  ),
  product('NTB-001', 'Dotted notebook', 'office', { priceCents: 1290, stock: 300, shippingDays: 2 }, 'A5, 192 pages.'),
  product('PEN-001', 'Fountain pen', 'office', { priceCents: 2750, stock: 85, shippingDays: 2 }, 'Fine nib, blue.'),
  product(
    'PEN-002',
    'Gel pens, set of six',
    'office',
    { priceCents: 890, stock: 210, shippingDays: 2 },
    'Six colours.',
  ),
  product('DSK-001', 'Standing desk', 'office', { priceCents: 48900, stock: 4, shippingDays: 10 }, '140 by 70 cm.'),
  product('CHR-001', 'Desk chair', 'office', { priceCents: 32900, stock: 6, shippingDays: 10 }, 'Mesh back.'),
  product(
    'ORG-001',
    'Cable organizer',
    'office',
    { priceCents: 1150, stock: 140, shippingDays: 2 },
    'Felt, three loops.',
  ),
  product(
    'TNT-001',
    'Two-person tent',
    'outdoor',
    { priceCents: 21900, stock: 7, shippingDays: 5 },
    '2.1 kg, three seasons.',
  ),
  product('BAG-001', 'Sleeping bag', 'outdoor', { priceCents: 12900, stock: 12, shippingDays: 4 }, 'Comfort to 2 °C.'),
  product('STV-001', 'Gas stove', 'outdoor', { priceCents: 4590, stock: 26, shippingDays: 4 }, 'Folds to 10 cm.'),
  product('BTL-001', 'Water bottle', 'outdoor', { priceCents: 1990, stock: 180, shippingDays: 2 }, 'Steel, 750 ml.'),
  product('HAM-001', 'Hammock', 'outdoor', { priceCents: 5490, stock: 0, shippingDays: 6 }, 'Nylon, with straps.'),
  product(
    'LMP-001',
    'Desk lamp',
    'lighting',
    { priceCents: 6990, stock: 33, shippingDays: 3 },
    'Dimmable, warm white.',
  ),
  product(
    'LMP-002',
    'Floor lamp',
    'lighting',
    { priceCents: 14900, stock: 8, shippingDays: 6 },
    'Linen shade, 150 cm.',
  ),
  product('LMP-003', 'Head lamp', 'lighting', { priceCents: 3490, stock: 47, shippingDays: 2 }, '400 lumens.'),
  product('BLB-001', 'LED bulb', 'lighting', { priceCents: 650, stock: 500, shippingDays: 2 }, 'E27, 8 W.'),
  product('CND-001', 'Beeswax candles', 'lighting', { priceCents: 1800, stock: 75, shippingDays: 2 }, 'Four pieces.'),
  // Enough stock for load tests with one reference.
  product(
    'GFT-001',
    'Gift card',
    'digital',
    { priceCents: 2500, stock: 1_000_000, shippingDays: 0 },
    'Sent by e-mail.',
  ),
];

export const REFUND_POLICY = `# Refunds

- An order can be refunded once, in full, within 30 days.
- A refund returns the pieces to stock and the amount to the original payment method.
- Gift cards are refunded as long as they have not been redeemed.
`;
