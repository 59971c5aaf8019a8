import { cause, type Fault, services } from '../fault.ts';
import { changeArgument, liftArgument, renameArgument, renameResultField, vague } from '../server/changes.ts';

const { criteria } = services.shop.definition;
/** Arguments under other names and in other places. */
export const argumentFaults: readonly Fault[] = [
  {
    name: 'an argument gets another name, which a criterion names in backticks',
    server: 'shop',
    workflow: { criteria: [...criteria, '`create_order` is called with `quantity` = 1'] },
    deployment: { changes: [renameArgument('create_order', 'quantity', 'units')] },
    causes: [cause('arguments_rejected', 'create_order', 'quantity', 'units')],
    change: 'repairs',
    draft: 'pins',
  },
  {
    name: 'an argument gets another name, which a criterion names without backticks',
    server: 'shop',
    workflow: { criteria: [...criteria, 'create_order is called with quantity = 1'] },
    deployment: { changes: [renameArgument('create_order', 'quantity', 'units')] },
    causes: [cause('arguments_rejected', 'create_order', 'quantity', 'units')],
    change: 'repairs',
    draft: 'pins',
  },
  {
    name: 'an argument gets another name, which no criterion names',
    server: 'shop',
    deployment: { changes: [renameArgument('get_order', 'order_id', 'id')] },
    causes: [cause('arguments_rejected', 'get_order', 'order_id', 'id')],
    change: 'repairs',
    draft: 'pins',
  },
  {
    name: 'an argument whose name is in other names too gets another name',
    server: 'bookings',
    workflow: {
      criteria: [...services.bookings.definition.criteria, '`create_booking` is called with purpose = "interview"'],
    },
    deployment: { changes: [renameArgument('create_booking', 'purpose', 'kind')] },
    causes: [cause('arguments_rejected', 'create_booking', 'purpose', 'kind')],
    change: 'repairs',
    draft: 'pins',
  },
  {
    name: 'a nested argument gets another name',
    server: 'bookings',
    deployment: { changes: [renameArgument('search_rooms', 'filter.city', 'town')] },
    causes: [cause('arguments_rejected', 'search_rooms', 'filter.city')],
    change: 'repairs',
    draft: 'pins',
  },
  {
    name: 'an argument in a list gets another name, which a criterion names',
    server: 'bookings',
    deployment: { changes: [renameArgument('create_booking', 'attendees[].email', 'mail')] },
    causes: [cause('arguments_rejected', 'create_booking', 'email')],
    change: 'repairs',
    draft: 'pins',
  },
  {
    name: 'an object of arguments gets another name',
    server: 'bookings',
    deployment: { changes: [renameArgument('create_booking', 'slot', 'time_slot')] },
    causes: [cause('arguments_rejected', 'create_booking', 'slot', 'time_slot')],
    change: 'repairs',
    draft: 'pins',
  },
  {
    name: 'an argument gets another name, and the server says only that the request is bad',
    server: 'shop',
    deployment: {
      changes: [renameArgument('create_order', 'sku', 'product_id'), vague('create_order', 'Bad request.')],
    },
    causes: [cause('arguments_rejected', 'create_order', 'sku', 'product_id')],
    change: 'repairs',
    draft: 'pins',
  },
  {
    name: 'an argument gets another name, which steps give without quotes and twice',
    server: 'shop',
    workflow: {
      prompt: [
        'call search_products {"query": "mug"}',
        '- call `create_order` {"sku": $1.products[0].sku, "quantity": 1, "reference": "quantity"}',
        'call create_order {"quantity": 2, "sku": "$1.products[1].sku", "reference": "{{run.id}}"}',
        'call get_order {"order_id": $2.order_id}',
      ].join('\n'),
      criteria: [
        'calls `create_order` exactly twice',
        ...criteria.slice(1),
        '`create_order` is called with `reference` = "quantity"',
      ],
    },
    deployment: { changes: [renameArgument('create_order', 'quantity', 'units')] },
    causes: [cause('arguments_rejected', 'create_order', 'quantity', 'units')],
    change: 'repairs',
    draft: 'pins',
  },
  {
    name: 'all arguments get names in camel case',
    server: 'bookings',
    deployment: {
      changes: [
        renameArgument('search_rooms', 'filter.min_seats', 'minSeats'),
        renameArgument('create_booking', 'room_id', 'roomId'),
        renameArgument('get_booking', 'booking_id', 'bookingId'),
      ],
    },
    causes: [
      cause('arguments_rejected', 'search_rooms', 'min_seats', 'minSeats'),
      cause('arguments_rejected', 'create_booking', 'room_id', 'roomId'),
    ],
    change: 'repairs',
    draft: 'pins',
  },
  {
    name: 'a nested argument moves to the top level',
    server: 'bookings',
    deployment: { changes: [liftArgument('create_booking', 'slot.date')] },
    causes: [cause('arguments_rejected', 'create_booking', 'date')],
    change: 'may repair',
    draft: 'pins',
  },
  {
    name: 'an argument that gets the id of the run gets another name',
    server: 'shop',
    workflow: {
      prompt: `${services.shop.definition.prompt}\ncall list_orders {"reference": "{{run.short_id}}"}`,
      criteria: [...criteria, '`list_orders` result field `total` equals 1'],
    },
    deployment: { changes: [renameArgument('list_orders', 'reference', 'customer_reference')] },
    causes: [cause('arguments_rejected', 'list_orders', 'reference', 'customer_reference')],
    change: 'repairs',
    draft: 'pins',
  },
  {
    name: 'an argument and a field of the result get other names',
    server: 'shop',
    deployment: {
      changes: [renameArgument('get_order', 'order_id', 'id'), renameResultField('get_order', 'status', 'state')],
    },
    causes: [cause('arguments_rejected', 'get_order', 'order_id', 'id')],
    change: 'repairs',
    draft: 'pins',
  },
  {
    name: 'an argument gets another name, and a value of another is no longer allowed',
    server: 'bookings',
    deployment: {
      changes: [
        renameArgument('create_booking', 'room_id', 'room'),
        changeArgument('create_booking', 'purpose', { type: 'string', enum: ['meeting', 'class'] }, () => 'interview'),
      ],
    },
    causes: [cause('arguments_rejected', 'create_booking', 'room_id', 'purpose')],
    change: 'may help',
    draft: 'pins',
  },
];
