import type { Deps } from '../context/context.ts';

const dayOf = (time: Date): string => time.toISOString().slice(0, 10);

/** Makes the partitions of these days (UTC), both included, where missing. @returns how many were made. */
export async function makePartitions(
  { db }: Pick<Deps, 'db'>,
  { from, until }: { from: Date; until: Date },
): Promise<number> {
  const [row] = await db.$queryRaw<{ made: number }[]>`
    SELECT armature_make_check_partitions(${dayOf(from)}::date, ${dayOf(until)}::date) AS made`;
  return row?.made ?? 0;
}

/** Drops the partitions of the days before. @returns how many were dropped. */
export async function dropPartitions({ db }: Pick<Deps, 'db'>, { before }: { before: Date }): Promise<number> {
  const [row] = await db.$queryRaw<{ dropped: number }[]>`
    SELECT armature_drop_check_partitions(${dayOf(before)}::date) AS dropped`;
  return row?.dropped ?? 0;
}
