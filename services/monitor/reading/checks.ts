import { z } from 'zod';
import { ArmatureError } from '../../../domain/error/error.ts';
import type { Db } from '../../../infra/db/index.ts';
import { Prisma } from '../../../prisma/generated/client.ts';
import type { CheckModel } from '../../../prisma/generated/models.ts';

/** Where a list of checks goes on: their order is `(scheduledAt, key)`, newest first. */
type After = { at: string; key: string };

/**
 * Checks of one monitor, newest first, between two times (the later one excluded), by keyset. Their partitions are of a day, so the
 * times say how many are read.
 */
export function checksOf(
  db: Db,
  of: {
    orgId: string;
    monitorId: string;
    from: Date;
    to: Date;
    outcome?: string | undefined;
    after?: After | null;
    limit: number;
  },
): Promise<CheckModel[]> {
  const { orgId, monitorId, from, to, outcome, after } = of;
  const where = [
    Prisma.sql`"orgId" = ${orgId}::uuid`,
    Prisma.sql`"monitorId" = ${monitorId}::uuid`,
    Prisma.sql`"scheduledAt" >= ${from.toISOString()}::timestamptz`,
    Prisma.sql`"scheduledAt" < ${to.toISOString()}::timestamptz`,
    ...(outcome === undefined
      ? []
      : [outcome === 'failing' ? Prisma.sql`"outcome" IN ('fail', 'error')` : Prisma.sql`"outcome" = ${outcome}`]),
    ...(after ? [Prisma.sql`("scheduledAt", "key") < (${after.at}::timestamptz, ${after.key})`] : []),
  ];
  return db.$queryRaw<CheckModel[]>`
    SELECT * FROM "Check" WHERE ${Prisma.join(where, ' AND ')}
    ORDER BY "scheduledAt" DESC, "key" DESC LIMIT ${of.limit}::int`;
}

const cursorShape = z.tuple([z.iso.datetime(), z.string().max(200)]);

export const writeCheckCursor = ({ scheduledAt, key }: Pick<CheckModel, 'scheduledAt' | 'key'>): string =>
  Buffer.from(JSON.stringify([scheduledAt.toISOString(), key])).toString('base64url');

/** @throws ArmatureError `validation_failed` when this was not made by `writeCheckCursor` */
export function readCheckCursor(cursor: string): After {
  const parsed = cursorShape.safeParse(jsonOf(Buffer.from(cursor, 'base64url').toString('utf8')));
  if (parsed.success) return { at: parsed.data[0], key: parsed.data[1] };
  const message = 'This is no cursor of this list.';
  throw new ArmatureError('validation_failed', `cursor: ${message}`, 'Start again without a cursor.', {
    fieldErrors: [{ field: 'cursor', message }],
  });
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
