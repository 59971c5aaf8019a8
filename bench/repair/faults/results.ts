import { cause, type Fault, services } from '../fault.ts';
import { changeField, changeResult, onlyText, renameArgument, renameResultField } from '../server/changes.ts';
import { editData, isData } from '../server/schema.ts';

const { criteria } = services.shop.definition;
const first = ['`search_products` result field `products[0].sku` equals "MUG-001"', ...criteria];
const bookings = services.bookings.definition.criteria;
const reversed = (value: unknown) => (Array.isArray(value) ? value.toReversed() : value);

/** Calls that succeed with another result. */
export const resultFaults: readonly Fault[] = [
  {
    name: 'a field of a result gets a similar name, which is part of other names',
    server: 'shop',
    deployment: { changes: [renameResultField('get_order', 'status', 'state')] },
    causes: [cause(['criterion_stale', 'result_changed'], 'get_order', 'status', 'state')],
    change: 'repairs',
    draft: 'pins',
  },
  {
    name: 'a nested field of a result gets a similar name',
    server: 'bookings',
    deployment: { changes: [renameResultField('get_booking', 'booking.status', 'booking_status')] },
    causes: [cause(['criterion_stale', 'result_changed'], 'get_booking', 'status', 'booking_status')],
    change: 'repairs',
    draft: 'pins',
  },
  {
    name: 'a field of a result gets a dissimilar name',
    server: 'shop',
    deployment: { changes: [renameResultField('get_order', 'status', 'fulfilment')] },
    causes: [cause(['criterion_stale', 'result_changed'], 'get_order', 'status')],
    change: 'may repair',
    draft: 'pins',
  },
  {
    name: 'an object of a result gets another name',
    server: 'bookings',
    deployment: { changes: [renameResultField('get_booking', 'booking.price', 'cost')] },
    causes: [cause(['criterion_stale', 'result_changed'], 'get_booking', 'price')],
    change: 'may repair',
    draft: 'pins',
  },
  {
    name: 'a field that a later step takes gets another name',
    server: 'shop',
    deployment: { changes: [renameResultField('create_order', 'order_id', 'id')] },
    causes: [cause(['step_not_made', 'criterion_stale', 'result_changed'], 'create_order', 'order_id')],
    change: 'may repair',
    draft: 'pins',
  },
  {
    name: 'a field gets a name in camel case, in arguments and results',
    server: 'shop',
    deployment: {
      changes: [
        renameResultField('create_order', 'order_id', 'orderId'),
        renameArgument('get_order', 'order_id', 'orderId'),
      ],
    },
    causes: [cause(['step_not_made', 'criterion_stale', 'result_changed'], 'create_order', 'order_id', 'orderId')],
    change: 'repairs',
    draft: 'pins',
  },
  {
    name: 'two fields of results get other names',
    server: 'bookings',
    deployment: {
      changes: [
        renameResultField('get_booking', 'booking.status', 'state'),
        renameResultField('list_bookings', 'total', 'total_count'),
      ],
    },
    causes: [
      cause(['criterion_stale', 'result_changed'], 'get_booking', 'status'),
      cause(['criterion_stale', 'result_changed'], 'list_bookings', 'total'),
    ],
    change: 'repairs',
    draft: 'pins',
  },
  {
    name: 'a result is wrapped into an object',
    server: 'shop',
    deployment: {
      changes: [
        changeResult(
          'get_order',
          (order) => ({ data: order }),
          (schema) => ({ type: 'object', properties: { data: schema }, required: ['data'] }),
        ),
      ],
    },
    causes: [cause(['criterion_stale', 'result_changed'], 'get_order', 'status')],
    change: 'may repair',
    draft: 'pins',
  },
  {
    name: 'a list of a result gets another name, which steps and a criterion name',
    server: 'shop',
    workflow: { criteria: first },
    deployment: { changes: [renameResultField('search_products', 'products', 'items')] },
    causes: [cause(['step_not_made', 'criterion_stale', 'result_changed'], 'search_products', 'products', 'items')],
    change: 'repairs',
    draft: 'pins',
  },
  {
    name: 'a field whose name is part of its tool gets another name',
    server: 'bookings',
    workflow: {
      criteria: ['`list_bookings` result field `bookings[0].status` equals "confirmed"', ...bookings],
    },
    deployment: { changes: [renameResultField('list_bookings', 'bookings', 'items')] },
    causes: [cause(['criterion_stale', 'result_changed'], 'list_bookings', 'bookings', 'items')],
    change: 'repairs',
    draft: 'pins',
  },
  {
    name: 'an id that later steps take is a number',
    server: 'shop',
    deployment: { changes: [changeField('create_order', 'order_id', () => 17)] },
    causes: [cause(['arguments_rejected', 'result_changed'], 'order_id')],
    change: 'none',
    draft: 'pins',
  },
  {
    name: 'an id that later steps take is wrong',
    server: 'bookings',
    deployment: { changes: [changeField('create_booking', 'booking.id', () => 'bkg-unknown')] },
    causes: [cause(['tool_error', 'result_changed'], 'get_booking')],
    change: 'none',
    draft: 'pins',
  },
  {
    name: 'a field of a result is gone',
    server: 'bookings',
    deployment: { changes: [changeField('get_booking', 'booking.price', () => undefined)] },
    causes: [cause(['result_changed', 'criterion_stale'], 'get_booking', 'price')],
    change: 'none',
    draft: 'pins',
  },
  {
    name: 'a value changes, and the schema with it',
    server: 'shop',
    deployment: { changes: [changeField('get_order', 'status', () => 'booked', { type: 'string', enum: ['booked'] })] },
    causes: [cause('result_changed', 'get_order', 'status', 'booked', 'confirmed')],
    change: 'none',
    draft: 'pins',
  },
  {
    name: 'a value changes',
    server: 'bookings',
    deployment: { changes: [changeField('get_booking', 'booking.status', () => 'tentative')] },
    causes: [cause('result_changed', 'get_booking', 'status', 'tentative', 'confirmed')],
    change: 'none',
    draft: 'pins',
  },
  {
    name: 'a value is null',
    server: 'bookings',
    deployment: { changes: [changeField('get_booking', 'booking.status', () => null)] },
    causes: [cause('result_changed', 'get_booking', 'status')],
    change: 'none',
    draft: 'pins',
  },
  {
    name: 'a price is wrong',
    server: 'bookings',
    deployment: { changes: [changeField('get_booking', 'booking.price', () => ({ amount: 90.5, currency: 'EUR' }))] },
    causes: [cause('result_changed', 'get_booking', 'amount', '90.5', '135.75')],
    change: 'none',
    draft: 'pins',
  },
  {
    name: 'a number comes as a text',
    server: 'bookings',
    deployment: { changes: [changeResult('get_booking', (result) => editAmount(result, (amount) => String(amount)))] },
    causes: [cause('result_changed', 'get_booking', 'amount')],
    change: 'none',
    draft: 'pins',
  },
  {
    name: 'a number comes in cents',
    server: 'bookings',
    deployment: { changes: [changeResult('get_booking', (result) => editAmount(result, (amount) => amount * 100))] },
    causes: [cause('result_changed', 'get_booking', 'amount', '13575')],
    change: 'none',
    draft: 'pins',
  },
  {
    name: 'a list is empty that later steps need',
    server: 'shop',
    deployment: { changes: [changeResult('search_products', () => ({ total: 0, products: [] }))] },
    causes: [cause(['result_changed', 'step_not_made'], 'search_products')],
    change: 'none',
    draft: 'pins',
  },
  {
    name: 'a list is empty that only a criterion needs',
    server: 'bookings',
    deployment: { changes: [changeResult('list_bookings', (result) => ({ ...result, total: 0, bookings: [] }))] },
    causes: [cause('result_changed', 'list_bookings', 'total')],
    change: 'none',
    draft: 'pins',
  },
  {
    name: 'a list comes in another order',
    server: 'shop',
    workflow: { criteria: first },
    deployment: { changes: [changeField('search_products', 'products', reversed)] },
    causes: [cause('result_changed', 'search_products', 'MUG-001')],
    change: 'none',
    draft: 'pins',
  },
  {
    name: 'a result is prose instead of data',
    server: 'shop',
    deployment: { changes: [onlyText('get_order', ({ order_id }) => `Order ${order_id} is on its way.`)] },
    causes: [cause(['result_changed', 'criterion_stale'], 'get_order')],
    change: 'none',
    draft: 'pins',
  },
  {
    name: 'a text of a result changes',
    server: 'shop',
    workflow: { criteria: [...criteria, '`get_order` result contains "Enamel mug"'] },
    deployment: { changes: [changeField('get_order', 'name', () => 'Becher')] },
    causes: [cause('result_changed', 'get_order')],
    change: 'none',
    draft: 'pins',
  },
  {
    name: 'a result breaks its output schema',
    server: 'bookings',
    workflow: { criteria: [...services.bookings.definition.criteria, 'no result breaks its output schema'] },
    deployment: { changes: [changeField('list_bookings', 'bookings[].purpose', () => 'party')] },
    causes: [cause('result_changed', 'list_bookings')],
    change: 'none',
    draft: 'pins',
  },
];

function editAmount(result: Record<string, unknown>, edit: (amount: number) => unknown): Record<string, unknown> {
  const edited = editData(result, 'booking.price', (price) => ({ ...price, amount: edit(Number(price.amount)) }));
  return isData(edited) ? edited : {};
}
