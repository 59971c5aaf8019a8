import { cause, type Fault, services } from '../fault.ts';
import {
  changeField,
  changeResult,
  fail,
  renameAll,
  renameArgument,
  renameResultField,
  renameTool,
  requireArgument,
} from '../server/changes.ts';
import { answerGarbage, answerStatus, dropConnection } from '../server/outages.ts';

const { criteria } = services.shop.definition;
const bothRenamed = [renameTool('search_products', 'find_products'), renameTool('get_order', 'fetch_order')];
const unitsRenamed = renameArgument('create_order', 'quantity', 'units');

/** Several faults at once, and faults with a history. */
export const severalFaults: readonly Fault[] = [
  {
    name: 'two tools get other names',
    server: 'shop',
    deployment: { changes: bothRenamed },
    causes: [
      cause('tool_missing_or_renamed', 'search_products', 'find_products'),
      cause('tool_missing_or_renamed', 'get_order', 'fetch_order'),
    ],
    change: 'repairs',
    draft: 'pins',
  },
  {
    name: 'two tools get dissimilar names',
    server: 'bookings',
    deployment: { changes: [renameTool('search_rooms', 'where'), renameTool('create_booking', 'reserve')] },
    causes: [
      cause('tool_missing_or_renamed', 'search_rooms', 'where'),
      cause('tool_missing_or_renamed', 'create_booking', 'reserve'),
    ],
    change: 'repairs',
    draft: 'pins',
  },
  {
    name: 'arguments of two tools get other names',
    server: 'shop',
    workflow: { criteria: [...criteria, 'create_order is called with quantity = 1'] },
    deployment: {
      changes: [
        renameArgument('search_products', 'query', 'text'),
        unitsRenamed,
        renameArgument('get_order', 'order_id', 'id'),
      ],
    },
    causes: [
      cause('arguments_rejected', 'search_products', 'query', 'text'),
      cause('arguments_rejected', 'create_order', 'quantity', 'units'),
    ],
    change: 'repairs',
    draft: 'pins',
  },
  {
    name: 'two arguments of a tool get other names',
    server: 'shop',
    deployment: { changes: [unitsRenamed, renameArgument('create_order', 'sku', 'product_id')] },
    causes: [cause('arguments_rejected', 'create_order', 'quantity', 'units', 'sku', 'product_id')],
    change: 'repairs',
    draft: 'pins',
  },
  {
    name: 'two arguments of the same type get other names',
    server: 'bookings',
    deployment: {
      changes: [
        renameArgument('create_booking', 'room_id', 'room'),
        renameArgument('create_booking', 'reference', 'booking_reference'),
      ],
    },
    causes: [cause('arguments_rejected', 'create_booking', 'room_id', 'reference')],
    change: 'repairs',
    draft: 'pins',
  },
  {
    name: 'a tool and its argument get other names',
    server: 'shop',
    deployment: { changes: [renameTool('get_order', 'fetch_order'), renameArgument('fetch_order', 'order_id', 'id')] },
    causes: [cause('tool_missing_or_renamed', 'get_order', 'fetch_order')],
    change: 'repairs',
    draft: 'pins',
  },
  {
    name: 'all tools get a prefix, and an argument another name',
    server: 'shop',
    deployment: {
      changes: [renameArgument('get_order', 'order_id', 'id'), renameAll((name) => `shop_${name}`)],
    },
    causes: [cause('tool_missing_or_renamed', 'search_products', 'shop_search_products')],
    change: 'repairs',
    draft: 'pins',
  },
  {
    name: 'two tools get other names, and one an argument in a list',
    server: 'bookings',
    deployment: {
      changes: [
        renameArgument('create_booking', 'attendees[].email', 'mail'),
        renameTool('search_rooms', 'where'),
        renameTool('create_booking', 'reserve'),
      ],
    },
    causes: [
      cause('tool_missing_or_renamed', 'search_rooms', 'where'),
      cause('tool_missing_or_renamed', 'create_booking', 'reserve'),
    ],
    change: 'repairs',
    draft: 'pins',
  },
  {
    name: 'a tool and the argument of another get other names',
    server: 'bookings',
    deployment: {
      changes: [renameTool('search_rooms', 'find_rooms'), renameArgument('get_booking', 'booking_id', 'id')],
    },
    causes: [
      cause('tool_missing_or_renamed', 'search_rooms', 'find_rooms'),
      cause('arguments_rejected', 'get_booking', 'booking_id'),
    ],
    change: 'repairs',
    draft: 'pins',
  },
  {
    name: 'a tool and a field of its result get other names',
    server: 'bookings',
    deployment: {
      changes: [
        renameTool('get_booking', 'fetch_booking'),
        renameResultField('fetch_booking', 'booking.status', 'state'),
      ],
    },
    causes: [cause('tool_missing_or_renamed', 'get_booking', 'fetch_booking')],
    change: 'repairs',
    draft: 'pins',
  },
  {
    name: 'a tool gets another name, and its result another value',
    server: 'shop',
    deployment: {
      changes: [renameTool('get_order', 'fetch_order'), changeField('fetch_order', 'status', () => 'booked')],
    },
    causes: [cause('tool_missing_or_renamed', 'get_order', 'fetch_order')],
    change: 'helps',
    draft: 'pins',
  },
  {
    name: 'an argument gets another name, and a later tool fails',
    server: 'bookings',
    deployment: {
      changes: [renameArgument('create_booking', 'reference', 'group'), fail('get_booking', 'Database is locked.')],
    },
    causes: [cause('arguments_rejected', 'create_booking', 'reference', 'group')],
    change: 'helps',
    draft: 'pins',
  },
  {
    name: 'a tool gets another name and a required argument whose value nobody can know',
    server: 'shop',
    deployment: {
      changes: [renameTool('get_order', 'fetch_order'), requireArgument('fetch_order', 'tenant', { type: 'string' })],
    },
    causes: [cause('tool_missing_or_renamed', 'get_order', 'fetch_order')],
    change: 'may help',
    draft: 'pins',
  },
  {
    name: 'a tool gets another name, and another drops the connection',
    server: 'bookings',
    deployment: { changes: [renameTool('search_rooms', 'find_rooms')], outage: dropConnection('get_booking') },
    causes: [
      cause('tool_missing_or_renamed', 'search_rooms', 'find_rooms'),
      cause('transport_or_auth_failure', 'get_booking'),
    ],
    change: 'may help',
    draft: 'pins',
  },
  {
    name: 'two values change',
    server: 'bookings',
    deployment: {
      changes: [
        changeField('get_booking', 'booking.status', () => 'tentative'),
        changeResult('list_bookings', (result) => ({ ...result, total: 0, bookings: [] })),
      ],
    },
    causes: [cause('result_changed', 'get_booking', 'tentative'), cause('result_changed', 'list_bookings', 'total')],
    change: 'none',
    draft: 'pins',
  },
  {
    name: 'a tool fails now and then',
    server: 'shop',
    before: [
      {},
      { changes: [fail('get_order', 'Try again.')] },
      {},
      { changes: [fail('get_order', 'Try again.')] },
      {},
    ],
    deployment: { changes: [fail('get_order', 'Try again.')] },
    causes: [cause('tool_error', 'get_order')],
    change: 'none',
    draft: 'pins',
  },
  {
    name: 'a value alternates',
    server: 'bookings',
    before: [{}, { changes: [changeField('get_booking', 'booking.status', () => 'pending')] }, {}],
    deployment: { changes: [changeField('get_booking', 'booking.status', () => 'pending')] },
    causes: [cause(['result_changed', 'flaky'], 'get_booking', 'status')],
    change: 'none',
    draft: 'pins',
  },
  {
    name: 'a tool answers garbage after outages of the server',
    server: 'shop',
    before: [
      {},
      { outage: answerStatus(503) },
      {},
      { outage: dropConnection() },
      {},
      { outage: answerStatus(503) },
      {},
    ],
    deployment: { outage: answerGarbage('html', 'get_order') },
    causes: [cause('transport_or_auth_failure', 'get_order')],
    change: 'none',
    draft: 'pins',
  },
  {
    name: 'a tool gets another name after outages',
    server: 'bookings',
    before: [{}, { outage: answerStatus(503) }, {}, { changes: [fail('create_booking', 'Closed.')] }, {}],
    deployment: { changes: [renameTool('create_booking', 'reserve_room')] },
    causes: [cause('tool_missing_or_renamed', 'create_booking', 'reserve_room')],
    change: 'repairs',
    draft: 'pins',
  },
  {
    name: 'an argument gets its earlier name back after a repair',
    server: 'shop',
    before: [{}, { changes: [unitsRenamed], repair: true }],
    causes: [cause('arguments_rejected', 'create_order', 'units', 'quantity')],
    change: 'repairs',
    draft: 'skipped',
  },
  {
    name: 'a tool gets its earlier name back after a repair',
    server: 'bookings',
    before: [{}, { changes: [renameTool('get_booking', 'fetch_booking')], repair: true }],
    causes: [cause('tool_missing_or_renamed', 'fetch_booking', 'get_booking')],
    change: 'repairs',
    draft: 'skipped',
  },
  {
    name: 'a repaired tool gets a third name',
    server: 'shop',
    before: [{}, { changes: [renameTool('get_order', 'fetch_order')], repair: true }],
    deployment: { changes: [renameTool('get_order', 'read_order')] },
    causes: [cause('tool_missing_or_renamed', 'fetch_order', 'read_order')],
    change: 'repairs',
    draft: 'skipped',
  },
];
