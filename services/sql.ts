import { Prisma } from '../prisma/generated/client.ts';

/** Fragments for statements that answer with finished JSON. A column is SQL from code, such as `r."createdAt"`. */

/** A time as `Date.toISOString` writes it; null stays null. */
export const isoTime = (column: string): Prisma.Sql =>
  Prisma.raw(`to_char(${column} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`);

/** Whole milliseconds from one time to another; null where one is. */
export const millisBetween = (from: string, to: string): Prisma.Sql =>
  Prisma.raw(`(extract(epoch FROM ${to} - ${from}) * 1000)::int8`);
