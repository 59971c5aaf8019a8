import { z } from 'zod';
import { isoTime } from '../../domain/values/iso-time.ts';
import { countFitting, maxPageBytes } from './answer-size.ts';
import { validationError } from './errors.ts';

/** The row after which the next page of a list begins. Lists are ordered by `(createdAt, id)`, newest first. */
export type Position = { createdAt: Date; id: string };

/** The position as a cursor for clients. Opaque to them. */
export const writeCursor = ({ createdAt, id }: Position): string =>
  Buffer.from(JSON.stringify([createdAt.toISOString(), id])).toString('base64url');

/**
 * @param id schema of the ids of this list.
 * @returns null without a cursor: the list begins at the newest row.
 * @throws ArmatureError `validation_failed` when `writeCursor` did not make it.
 */
export function readCursor(cursor: string | undefined, id: z.ZodType<string> = z.uuid()): Position | null {
  if (cursor === undefined) return null;
  const parsed = z.tuple([isoTime, id]).safeParse(parseJson(Buffer.from(cursor, 'base64url').toString('utf8')));
  if (!parsed.success)
    throw validationError(
      [{ field: 'cursor', message: 'Invalid cursor for this list.' }],
      'Start again without a cursor.',
    );
  const [createdAt, lastId] = parsed.data;
  return { createdAt: new Date(createdAt), id: lastId };
}

/**
 * Prisma's condition for the rows after a position. The upper bound alone lets Postgres start at that place of an
 * index; with only the alternatives it would read the list from its beginning.
 */
export const afterPosition = ({ createdAt, id }: Position) => ({
  createdAt: { lte: createdAt },
  OR: [{ createdAt: { lt: createdAt } }, { id: { lt: id } }],
});

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/**
 * One page of a list.
 * @param rows up to `limit + 1` of them: the one too many shows that there is a next page.
 * @returns `nextCursor`: null on the last page.
 */
export function toPage<Row extends Position>(rows: readonly Row[], limit: number): Page<Row>;
export function toPage<Row>(rows: readonly Row[], limit: number, position: (row: Row) => Position): Page<Row>;
export function toPage<Row extends Position>(
  rows: readonly Row[],
  limit: number,
  position: (row: Row) => Position = (row) => row,
): Page<Row> {
  const items = rows.slice(0, limit);
  const last = rows.length > limit ? items.at(-1) : undefined;
  return { items, nextCursor: last ? writeCursor(position(last)) : null };
}

/**
 * As many entries of a page as an answer to an agent has room for, with the cursor of what follows.
 * @param page.room bytes. @default that of a whole answer
 */
export function fitPage<Entry>(
  page: { entries: readonly Entry[]; nextCursor: string | null; room?: number },
  position: (entry: Entry) => Position,
): { entries: Entry[]; nextCursor: string | null } {
  const { entries, nextCursor, room = maxPageBytes } = page;
  const count = countFitting(entries, room);
  const fitting = entries.slice(0, count);
  const last = fitting.at(-1);
  return { entries: fitting, nextCursor: count < entries.length && last ? writeCursor(position(last)) : nextCursor };
}

type Page<Row> = { items: Row[]; nextCursor: string | null };
