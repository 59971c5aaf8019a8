import { z } from 'zod';
import { ArmatureError } from '../../domain/error/error.ts';

/** Where a list that is ordered by `(createdAt, id)`, newest first, goes on. */
export type Position = { createdAt: Date; id: string };

export const writeCursor = ({ createdAt, id }: Position): string =>
  Buffer.from(JSON.stringify([createdAt.toISOString(), id])).toString('base64url');

/**
 * @param id what ids of this list look like.
 * @throws ArmatureError `validation_failed` when this was not made by `writeCursor`.
 */
export function readCursor(cursor: string, id: z.ZodType<string> = z.uuid()): Position {
  const parsed = z.tuple([z.iso.datetime(), id]).safeParse(jsonOf(Buffer.from(cursor, 'base64url').toString('utf8')));
  if (!parsed.success) {
    const message = 'This is no cursor of this list.';
    throw new ArmatureError('validation_failed', `cursor: ${message}`, 'Start again without a cursor.', {
      fieldErrors: [{ field: 'cursor', message }],
    });
  }
  const [createdAt, after] = parsed.data;
  return { createdAt: new Date(createdAt), id: after };
}

/**
 * What follows a position, as a condition of Prisma's. The bound by itself lets Postgres begin there in an index; of the alternatives
 * alone it would read the list from its beginning.
 */
export const following = ({ createdAt, id }: Position) => ({
  createdAt: { lte: createdAt },
  OR: [{ createdAt: { lt: createdAt } }, { id: { lt: id } }],
});

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** `limit` rows of those that were read with one more than that, and the cursor of what follows; null at the end. */
export function pageOf<T extends Position>(
  rows: readonly T[],
  limit: number,
): { shown: T[]; nextCursor: string | null } {
  const shown = rows.slice(0, limit);
  const last = rows.length > limit ? shown.at(-1) : undefined;
  return { shown, nextCursor: last ? writeCursor(last) : null };
}
