import { cause, type Fault, services } from '../fault.ts';
import { changeArgument, insistOn, removeArgument, requireArgument, vague } from '../server/changes.ts';
import { isData } from '../server/schema.ts';

const { criteria } = services.shop.definition;
const kitchen = {
  prompt: 'call search_products {"query": "mug", "category": "kitchen"}',
  criteria: ['`search_products` result field `products[0].sku` equals "MUG-001"'],
};
const categories = { type: 'string', enum: ['home', 'office', 'outdoor', 'lighting', 'digital'] };

/** Arguments that are required now, and values that the server no longer takes. */
export const schemaFaults: readonly Fault[] = [
  {
    name: 'a nested argument becomes required whose value nobody can know',
    server: 'bookings',
    deployment: { changes: [requireArgument('create_booking', 'slot.timezone', { type: 'string' })] },
    causes: [cause('arguments_rejected', 'create_booking', 'timezone')],
    change: 'none',
    draft: 'pins',
  },
  {
    name: 'a tool without arguments gets a required one',
    server: 'shop',
    workflow: {
      prompt: 'call get_shop_status {}',
      criteria: ['`get_shop_status` result field `status` equals "open"'],
    },
    deployment: { changes: [requireArgument('get_shop_status', 'region', { type: 'string' })] },
    causes: [cause('arguments_rejected', 'get_shop_status', 'region')],
    change: 'none',
    draft: 'pins',
  },
  {
    name: 'a number has to be larger',
    server: 'shop',
    deployment: {
      changes: [changeArgument('create_order', 'quantity', { type: 'integer', minimum: 2 }, (value) => value)],
    },
    causes: [cause('arguments_rejected', 'create_order', 'quantity')],
    change: 'none',
    draft: 'pins',
  },
  {
    name: 'a required argument is added whose value nobody can know',
    server: 'shop',
    deployment: {
      changes: [requireArgument('create_order', 'customer', { type: 'string', description: 'Number of the customer' })],
    },
    causes: [cause('arguments_rejected', 'create_order', 'customer')],
    change: 'none',
    draft: 'pins',
  },
  {
    name: 'a required argument is added that can only have one value',
    server: 'bookings',
    deployment: { changes: [requireArgument('create_booking', 'currency', { type: 'string', enum: ['EUR'] })] },
    causes: [cause('arguments_rejected', 'create_booking', 'currency')],
    change: 'may repair',
    draft: 'pins',
  },
  {
    name: 'an optional argument becomes required',
    server: 'bookings',
    deployment: { changes: [insistOn('create_booking', 'notes')] },
    causes: [cause('arguments_rejected', 'create_booking', 'notes')],
    change: 'none',
    draft: 'pins',
  },
  {
    name: 'an optional argument becomes required, and the server says only that something went wrong',
    server: 'shop',
    workflow: {
      prompt: `${services.shop.definition.prompt}\ncall check_stock {"sku": "MUG-001"}`,
      criteria: [...criteria, '`check_stock` result field `in_stock` equals true'],
    },
    deployment: { changes: [insistOn('check_stock', 'reference'), vague('check_stock', 'Something went wrong.')] },
    causes: [cause('arguments_rejected', 'check_stock', 'reference')],
    change: 'none',
    draft: 'pins',
  },
  {
    name: 'a value is no longer allowed',
    server: 'shop',
    workflow: kitchen,
    deployment: {
      changes: [
        changeArgument('search_products', 'category', categories, (value) => (value === 'home' ? 'kitchen' : value)),
      ],
    },
    causes: [cause('arguments_rejected', 'search_products', 'category', 'home')],
    change: 'may repair',
    draft: 'pins',
  },
  {
    name: 'a value is no longer allowed, and the server says only that the request is bad',
    server: 'bookings',
    deployment: {
      changes: [
        changeArgument('create_booking', 'purpose', { type: 'string', enum: ['meeting', 'class'] }, () => 'interview'),
        vague('create_booking', 'Bad request.'),
      ],
    },
    causes: [cause('arguments_rejected', 'create_booking', 'purpose', 'meeting')],
    change: 'none',
    draft: 'pins',
  },
  {
    name: 'a nested value is spelled in another way',
    server: 'bookings',
    deployment: {
      changes: [
        changeArgument('search_rooms', 'filter.city', { type: 'string', enum: ['LISBON', 'OSLO', 'KYOTO'] }, (value) =>
          String(value).toLowerCase(),
        ),
      ],
    },
    causes: [cause('arguments_rejected', 'search_rooms', 'filter.city', 'LISBON')],
    change: 'may repair',
    draft: 'pins',
  },
  {
    name: 'an argument gets another type',
    server: 'shop',
    deployment: { changes: [changeArgument('create_order', 'quantity', { type: 'string' }, Number)] },
    causes: [cause('arguments_rejected', 'create_order', 'quantity', 'string')],
    change: 'may repair',
    draft: 'pins',
  },
  {
    name: 'a list of objects becomes a list of texts',
    server: 'bookings',
    deployment: {
      changes: [
        changeArgument('create_booking', 'attendees', { type: 'array', items: { type: 'string' } }, (value) =>
          Array.isArray(value) ? value.map((email) => ({ name: 'Guest', email: String(email) })) : value,
        ),
      ],
    },
    causes: [cause('arguments_rejected', 'create_booking', 'attendees')],
    change: 'none',
    draft: 'pins',
  },
  {
    name: 'a text becomes an object',
    server: 'bookings',
    deployment: {
      changes: [
        changeArgument(
          'get_booking',
          'booking_id',
          { type: 'object', properties: { id: { type: 'string' } }, required: ['id'] },
          (value) => (isData(value) ? value.id : value),
        ),
      ],
    },
    causes: [cause('arguments_rejected', 'get_booking', 'booking_id', 'object')],
    change: 'may repair',
    draft: 'pins',
  },
  {
    name: 'a date has to be a time',
    server: 'bookings',
    deployment: {
      changes: [
        changeArgument(
          'create_booking',
          'slot.date',
          { type: 'string', pattern: '^\\d{4}-\\d\\d-\\d\\dT', description: 'ISO 8601 time' },
          (value) => String(value).slice(0, 10),
        ),
      ],
    },
    causes: [cause('arguments_rejected', 'create_booking', 'slot.date')],
    change: 'none',
    draft: 'pins',
  },
  {
    name: 'a page may be only half as large',
    server: 'bookings',
    deployment: {
      changes: [
        changeArgument(
          'list_bookings',
          'page',
          { type: 'object', properties: { size: { type: 'integer', maximum: 5 } } },
          (value) => value,
        ),
      ],
    },
    causes: [cause('arguments_rejected', 'list_bookings', 'size')],
    change: 'may repair',
    draft: 'pins',
  },
  {
    name: 'an earlier version without the argument is deployed',
    server: 'shop',
    workflow: kitchen,
    deployment: { changes: [removeArgument('search_products', 'category')] },
    causes: [cause('arguments_rejected', 'search_products', 'category')],
    change: 'none',
    draft: 'pins',
  },
];
