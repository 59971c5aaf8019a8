import { cause, type Fault, services } from '../fault.ts';
import { createBookingTools } from '../server/bookings.ts';
import { fail, removeAllTools, removeTool, renameAll, renameTool, splitTool } from '../server/changes.ts';

const camel = (name: string): string => name.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase());

const { shop } = services;

/** Tools under other names, and tools that are gone. */
export const toolFaults: readonly Fault[] = [
  {
    name: 'a tool gets a similar name',
    server: 'shop',
    deployment: { changes: [renameTool('get_order', 'fetch_order')] },
    causes: [cause('tool_missing_or_renamed', 'get_order', 'fetch_order')],
    change: 'repairs',
    draft: 'pins',
  },
  {
    name: 'a tool gets a dissimilar name',
    server: 'shop',
    deployment: { changes: [renameTool('search_products', 'catalog_lookup')] },
    causes: [cause('tool_missing_or_renamed', 'search_products', 'catalog_lookup')],
    change: 'repairs',
    draft: 'pins',
  },
  {
    name: 'a renamed tool stands in assertions of every kind',
    server: 'shop',
    workflow: {
      criteria: [
        'calls search_products before `create_order`',
        'calls `create_order` exactly once',
        '`create_order` never fails',
        '`create_order` is called with `quantity` = 1',
        '`create_order` result field `status` equals "confirmed"',
        '`create_order` result contains "MUG-"',
        '`create_order` result fits its output schema',
        '`get_order` result field `status` equals "confirmed"',
      ],
    },
    deployment: { changes: [renameTool('create_order', 'place_order')] },
    causes: [cause('tool_missing_or_renamed', 'create_order', 'place_order')],
    change: 'repairs',
    draft: 'pins',
  },
  {
    name: 'a tool with nested arguments gets another name',
    server: 'bookings',
    deployment: { changes: [renameTool('create_booking', 'reserve_room')] },
    causes: [cause('tool_missing_or_renamed', 'create_booking', 'reserve_room')],
    change: 'repairs',
    draft: 'pins',
  },
  {
    name: 'the last tool gets another name and a new description',
    server: 'bookings',
    deployment: {
      changes: [renameTool('list_bookings', 'find_bookings', { description: 'Everything booked under a reference.' })],
    },
    causes: [cause('tool_missing_or_renamed', 'list_bookings', 'find_bookings')],
    change: 'repairs',
    draft: 'pins',
  },
  {
    name: 'all tools get a prefix',
    server: 'shop',
    deployment: { changes: [renameAll((name) => `shop_${name}`)] },
    causes: [cause('tool_missing_or_renamed', 'search_products', 'shop_search_products')],
    change: 'repairs',
    draft: 'pins',
  },
  {
    name: 'all tools get names in camel case',
    server: 'bookings',
    deployment: { changes: [renameAll(camel)] },
    causes: [cause('tool_missing_or_renamed', 'search_rooms', 'searchRooms')],
    change: 'repairs',
    draft: 'pins',
  },
  {
    name: 'all tools get a namespace with a dot',
    server: 'bookings',
    deployment: { changes: [renameAll((name) => `rooms.${name}`)] },
    causes: [cause('tool_missing_or_renamed', 'search_rooms', 'rooms.search_rooms')],
    change: 'repairs',
    draft: 'pins',
  },
  {
    name: 'a renamed tool stands in the allowed tools, beside blocked ones',
    server: 'shop',
    workflow: {
      toolPolicy: { allowedTools: ['search_products', 'create_order', 'get_order'], blockedTools: ['refund_order'] },
    },
    deployment: { changes: [renameTool('get_order', 'fetch_order')] },
    causes: [cause('tool_missing_or_renamed', 'get_order', 'fetch_order')],
    change: 'repairs',
    draft: 'pins',
    never: ['refund_order'],
  },
  {
    name: 'a renamed tool stands in steps with bullets, numbers and backticks',
    server: 'shop',
    workflow: {
      prompt: [
        'get_order shows what was ordered.',
        '1. call `search_products` {"query": "mug"}',
        '- call `create_order` {"sku": $1.products[0].sku, "quantity": 1, "reference": "{{run.short_id}}"}',
        '* call `get_order` {"order_id": $2.order_id}',
        '4) call get_order {"order_id": $2.order_id}',
      ].join('\n'),
    },
    deployment: { changes: [renameTool('get_order', 'fetch_order')] },
    causes: [cause('tool_missing_or_renamed', 'get_order', 'fetch_order')],
    change: 'repairs',
    draft: 'pins',
  },
  {
    name: 'somebody adds a criterion after a tool got another name',
    server: 'shop',
    deployment: { changes: [renameTool('get_order', 'fetch_order')] },
    editAfter: { criteria: ['calls `search_products` before `create_order`', ...shop.definition.criteria] },
    causes: [cause('tool_missing_or_renamed', 'get_order', 'fetch_order')],
    change: 'repairs',
    draft: 'pins',
  },
  {
    name: 'another server answers at the address',
    server: 'shop',
    deployment: { changes: [{ tools: createBookingTools }] },
    causes: [cause('tool_missing_or_renamed', 'search_products')],
    change: 'none',
    draft: 'pins',
  },
  {
    name: 'a tool is removed',
    server: 'shop',
    deployment: { changes: [removeTool('get_order')] },
    causes: [cause('tool_missing_or_renamed', 'get_order')],
    change: 'none',
    draft: 'pins',
  },
  {
    name: 'the first tool is removed',
    server: 'bookings',
    deployment: { changes: [removeTool('search_rooms')] },
    causes: [cause('tool_missing_or_renamed', 'search_rooms')],
    change: 'none',
    draft: 'pins',
  },
  {
    name: 'a tool is removed that only a criterion with another tool needs',
    server: 'bookings',
    deployment: { changes: [removeTool('list_bookings')] },
    causes: [cause('tool_missing_or_renamed', 'list_bookings')],
    change: 'none',
    draft: 'pins',
  },
  {
    name: 'a tool is split in two that do half each',
    server: 'bookings',
    deployment: {
      changes: [
        splitTool('create_booking', [
          {
            name: 'draft_booking',
            description: 'Notes a booking down, which confirm_draft has to confirm.',
            outputSchema: { type: 'object', properties: { draft_id: { type: 'string' } }, required: ['draft_id'] },
            call: () => ({ structured: { draft_id: 'drf-1' } }),
          },
          {
            name: 'confirm_draft',
            description: 'Confirms a booking that was noted down.',
            inputSchema: {
              type: 'object',
              properties: { draft_id: { type: 'string' } },
              required: ['draft_id'],
              additionalProperties: false,
            },
          },
        ]),
      ],
    },
    causes: [cause('tool_missing_or_renamed', 'create_booking')],
    change: 'none',
    draft: 'pins',
  },
  {
    name: 'a tool is split in two that fit equally well',
    server: 'shop',
    deployment: {
      changes: [splitTool('search_products', [{ name: 'search_products_a' }, { name: 'search_products_b' }])],
    },
    causes: [cause('tool_missing_or_renamed', 'search_products')],
    change: 'may repair',
    draft: 'pins',
  },
  {
    name: 'the server lists no tools',
    server: 'shop',
    deployment: { changes: [removeAllTools] },
    causes: [cause('tool_missing_or_renamed', 'search_products')],
    change: 'none',
    draft: 'pins',
  },
  {
    name: 'a tool is replaced by one that fails',
    server: 'shop',
    deployment: { changes: [renameTool('get_order', 'read_order'), fail('read_order', 'Not implemented yet.')] },
    causes: [cause('tool_missing_or_renamed', 'get_order', 'read_order')],
    change: 'helps',
    draft: 'pins',
  },
];
