import { z } from 'zod';
import { ArmatureError } from '../../../domain/error/error.ts';
import type { CheckModel } from '../../../prisma/generated/models.ts';

const cursorShape = z.tuple([z.iso.datetime(), z.string().max(200)]);

export const writeCheckCursor = ({ scheduledAt, key }: Pick<CheckModel, 'scheduledAt' | 'key'>): string =>
  Buffer.from(JSON.stringify([scheduledAt.toISOString(), key])).toString('base64url');

/** @throws ArmatureError `validation_failed` when this was not made by `writeCheckCursor` */
export function readCheckCursor(cursor: string): { scheduledAt: Date; key: string } {
  const parsed = cursorShape.safeParse(jsonOf(Buffer.from(cursor, 'base64url').toString('utf8')));
  if (parsed.success) return { scheduledAt: new Date(parsed.data[0]), key: parsed.data[1] };
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
