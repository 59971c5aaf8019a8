import { z } from 'zod';
import { defineTool, Refused, type Tool } from './tool.ts';

const City = z.enum(['lisbon', 'oslo', 'kyoto']);
const Equipment = z.enum(['projector', 'whiteboard', 'piano']);
const Purpose = z.enum(['interview', 'workshop', 'rehearsal']);
const time = z.string().regex(/^\d\d:\d\d$/);

const Slot = z.strictObject({
  date: z.iso.date().describe('Day of the booking, for example 2027-03-15'),
  start: time.describe('Local time, for example 10:00'),
  end: time.describe('Local time, after start'),
});
const Attendee = z.strictObject({ name: z.string().min(1), email: z.string().min(3).describe('Gets the invitation') });
const Page = z.strictObject({
  size: z.int().min(1).max(50).default(10).describe('Items of a page'),
  cursor: z.string().optional().describe('next_cursor of the page before'),
});
const RoomId = z.string().min(1).describe('Id of a room, as search_rooms returns it');
const BookingId = z.string().min(1).describe('Id of a booking, as create_booking returns it');
const Reference = z.string().min(1).max(64).describe('Your own name for a group of bookings');

const Room = z.object({
  id: z.string(),
  name: z.string(),
  city: City,
  seats: z.int(),
  equipment: z.array(Equipment),
  hourly_rate: z.number().describe('Euros an hour'),
});
const Booking = z.object({
  id: z.string(),
  reference: z.string(),
  status: z.enum(['confirmed', 'cancelled']),
  room: z.object({ id: z.string(), name: z.string() }),
  slot: Slot,
  attendees: z.array(Attendee),
  purpose: Purpose,
  price: z.object({ amount: z.number(), currency: z.string() }),
  created_at: z.string().describe('ISO 8601 time'),
});
type Booking = z.infer<typeof Booking>;

const rooms: z.infer<typeof Room>[] = [
  { id: 'room-alfama', name: 'Alfama', city: 'lisbon', seats: 6, equipment: ['whiteboard'], hourly_rate: 90.5 },
  { id: 'room-belem', name: 'Belém', city: 'lisbon', seats: 12, equipment: ['projector'], hourly_rate: 140 },
  { id: 'room-fjord', name: 'Fjord', city: 'oslo', seats: 8, equipment: ['projector'], hourly_rate: 120.25 },
  { id: 'room-gion', name: 'Gion', city: 'kyoto', seats: 20, equipment: ['piano'], hourly_rate: 75 },
];

function findRoom(id: string): z.infer<typeof Room> {
  const room = rooms.find((each) => each.id === id);
  if (!room) throw new Refused(`There is no room "${id}". Find rooms with search_rooms.`);
  return room;
}

function takePage<T>(items: readonly T[], { size, cursor }: z.infer<typeof Page>) {
  const from = Number(cursor ?? 0);
  return { items: items.slice(from, from + size), next_cursor: from + size < items.length ? String(from + size) : '' };
}

const toHours = (text: string): number => Number(text.slice(0, 2)) + Number(text.slice(3)) / 60;

const read = { readOnlyHint: true };
const write = { readOnlyHint: false, destructiveHint: false };

/** Meeting rooms: nested arguments, lists, enumerations, dates, money, pages, and a tool that destroys. */
export function createBookingTools(): Tool[] {
  const bookings = new Map<string, Booking>();
  function findBooking(id: string): Booking {
    const booking = bookings.get(id);
    if (!booking) throw new Refused(`There is no booking "${id}". Find bookings with list_bookings.`);
    return booking;
  }
  function keep(booking: Booking): { booking: Booking } {
    bookings.set(booking.id, booking);
    return { booking };
  }
  return [
    defineTool({
      name: 'search_rooms',
      description: 'Finds rooms by city, seats and equipment, a page at a time, the smallest first.',
      annotations: read,
      input: z.strictObject({
        filter: z.strictObject({
          city: City,
          min_seats: z.int().min(1).optional().describe('Least number of seats'),
          equipment: z.array(Equipment).optional().describe('All that the room must have'),
        }),
        page: Page.optional(),
      }),
      output: z.object({ total: z.int(), rooms: z.array(Room), next_cursor: z.string() }),
      run({ filter: { city, min_seats = 0, equipment = [] }, page = { size: 10 } }) {
        const found = rooms.filter(
          (room) =>
            room.city === city && room.seats >= min_seats && equipment.every((each) => room.equipment.includes(each)),
        );
        const { items, next_cursor } = takePage(found, page);
        return { total: found.length, rooms: items, next_cursor };
      },
    }),
    defineTool({
      name: 'check_house',
      description: 'Returns how many people fit into a room, and whether the house is open during a slot.',
      annotations: read,
      input: z.strictObject({ room_id: RoomId, slot: Slot }),
      output: z.object({ room_id: z.string(), is_open: z.boolean(), seats: z.int() }),
      run: ({ room_id, slot: { start, end } }) => ({
        room_id,
        is_open: start >= '08:00' && end <= '20:00',
        seats: findRoom(room_id).seats,
      }),
    }),
    defineTool({
      name: 'create_booking',
      description: 'Books a room for a slot and invites the attendees. Groups do not see the bookings of each other.',
      annotations: write,
      input: z.strictObject({
        room_id: RoomId,
        slot: Slot,
        attendees: z.array(Attendee).min(1).max(20),
        purpose: Purpose,
        reference: Reference,
        notes: z.string().max(500).optional().describe('Shown to the house'),
      }),
      output: z.object({ booking: Booking }),
      run({ room_id, slot, attendees, purpose, reference }) {
        const { id, name, hourly_rate } = findRoom(room_id);
        const amount = hourly_rate * (toHours(slot.end) - toHours(slot.start));
        return keep({
          id: `bkg-${bookings.size + 1}`,
          reference,
          status: 'confirmed',
          room: { id, name },
          slot,
          attendees,
          purpose,
          price: { amount, currency: 'EUR' },
          created_at: new Date().toISOString(),
        });
      },
    }),
    defineTool({
      name: 'get_booking',
      description: 'Returns one booking with room, slot, attendees and price.',
      annotations: read,
      input: z.strictObject({ booking_id: BookingId }),
      output: z.object({ booking: Booking }),
      run: ({ booking_id }) => ({ booking: findBooking(booking_id) }),
    }),
    defineTool({
      name: 'list_bookings',
      description: 'Lists the bookings under a reference, the oldest first, a page at a time.',
      annotations: read,
      input: z.strictObject({ reference: Reference, page: Page.optional() }),
      output: z.object({ total: z.int(), bookings: z.array(Booking), next_cursor: z.string() }),
      run({ reference, page = { size: 10 } }) {
        const found = [...bookings.values()].filter((booking) => booking.reference === reference);
        const { items, next_cursor } = takePage(found, page);
        return { total: found.length, bookings: items, next_cursor };
      },
    }),
    defineTool({
      name: 'update_attendees',
      description: 'Replaces the attendees of a booking.',
      annotations: { ...write, idempotentHint: true },
      input: z.strictObject({ booking_id: BookingId, attendees: z.array(Attendee).min(1).max(20) }),
      output: z.object({ booking: Booking }),
      run: ({ booking_id, attendees }) => keep({ ...findBooking(booking_id), attendees }),
    }),
    defineTool({
      name: 'cancel_booking',
      description: 'Cancels a booking for good and tells the attendees.',
      annotations: { readOnlyHint: false, destructiveHint: true },
      input: z.strictObject({ booking_id: BookingId, reason: z.enum(['moved', 'no_longer_needed']) }),
      output: z.object({ booking: Booking }),
      run: ({ booking_id }) => keep({ ...findBooking(booking_id), status: 'cancelled' }),
    }),
  ];
}
