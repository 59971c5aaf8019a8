import type { CauseKind } from '../../domain/diagnosis/diagnose.ts';
import { createBookingTools } from './server/bookings.ts';
import { changeField } from './server/changes.ts';
import type { Deployment } from './server/serve.ts';
import { createShopTools } from './server/shop.ts';
import type { Tool } from './server/tool.ts';

export type Definition = {
  prompt: string;
  criteria: readonly string[];
  toolPolicy?: { allowedTools: string[]; blockedTools: string[] };
  limits?: Partial<Record<'turns' | 'toolCalls' | 'seconds' | 'tokens' | 'toolCallSeconds', number>>;
};

/** A cause that is right: of one of these kinds, and with all of these names in what it says. */
export type RightCause = { kinds: readonly CauseKind[]; names: readonly string[] };

export type Fault = {
  name: string;
  server: keyof typeof services;
  /** The workflow, where it isn't the one of the server. */
  workflow?: Partial<Definition>;
  /** What ran before the fault; `repair` has the agent repair the run. @default one run that works */
  before?: readonly (Deployment & { repair?: true })[];
  /** What is deployed when the run fails. */
  deployment?: Deployment;
  /** What somebody saved before the run failed. */
  edit?: Partial<Definition>;
  /** What somebody saved after it, before the agent came. */
  editAfter?: Partial<Definition>;
  /** The first cause is one of these. */
  causes: readonly RightCause[];
  /**
   * - `repairs`: a change can be known, and the workflow passes with it.
   * - `may repair`: a change can be guessed; one that is suggested has to be right.
   * - `helps`: a change is right, and something is left that it must not silence.
   * - `may help`: the same, if a change is suggested.
   * - `none`: the workflow is right, or only a person can say what is.
   */
  change: 'repairs' | 'may repair' | 'helps' | 'may help' | 'none';
  /** A regression draft notices the fault and nothing else, is refused, or would make no sense. */
  draft: 'pins' | 'refused' | 'skipped';
  /** Tools that the server must never see a call of. */
  never?: readonly string[];
};

/** What all workflows have: models that need no key, and retries that take no time. */
export const scripted = {
  testerModels: ['builtin/scripted'],
  judgeModel: 'builtin/assertions',
  retryPolicy: { attempts: 2, backoffSeconds: 0.1 },
};

export const toCriteria = (lines: readonly string[]): { text: string; isRequired: boolean }[] =>
  lines.map((text) => ({ text, isRequired: true }));

export const cause = (kind: CauseKind | readonly CauseKind[], ...names: string[]): RightCause => ({
  kinds: typeof kind === 'string' ? [kind] : kind,
  names,
});

type Service = {
  tools(): Tool[];
  definition: Definition;
  /** A defect that a test of this server has to notice, also after it was changed. */
  sabotage: Deployment;
};

export const services = {
  shop: {
    tools: createShopTools,
    definition: {
      prompt: [
        'Order a mug and make sure that the order can be found again.',
        'call search_products {"query": "mug"}',
        'call create_order {"sku": "$1.products.0.sku", "quantity": 1, "reference": "{{run.short_id}}"}',
        'call get_order {"order_id": "$2.order_id"}',
      ].join('\n'),
      criteria: ['calls `create_order` exactly once', '`get_order` result field `status` equals "confirmed"'],
    },
    sabotage: { changes: [changeField('get_order', 'status', () => 'refunded')] },
  },
  bookings: {
    tools: createBookingTools,
    definition: {
      prompt: [
        'Book a room for an interview in Lisbon, and read the booking back.',
        'call search_rooms {"filter": {"city": "lisbon", "min_seats": 4}, "page": {"size": 5}}',
        'call create_booking {"room_id": "$1.rooms[0].id", "slot": {"date": "2027-03-15", "start": "10:00", "end": "11:30"}, "attendees": [{"name": "Ada", "email": "ada@example.com"}], "purpose": "interview", "reference": "{{run.short_id}}"}',
        'call get_booking {"booking_id": "$2.booking.id"}',
        'call list_bookings {"reference": "{{run.short_id}}", "page": {"size": 10}}',
      ].join('\n'),
      criteria: [
        '`search_rooms` result field `rooms[0].name` equals "Alfama"',
        '`create_booking` is called with `attendees[0].email` = "ada@example.com"',
        '`get_booking` result field `booking.status` equals "confirmed"',
        '`get_booking` result field `booking.price.amount` equals 135.75',
        '`list_bookings` result field `total` equals 1',
        'never calls `cancel_booking`',
      ],
    },
    sabotage: { changes: [changeField('get_booking', 'booking.status', () => 'cancelled')] },
  },
} satisfies { [name: string]: Service };
