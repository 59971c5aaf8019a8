import { forEachConcurrent } from '../../context/concurrency.ts';
import type { Deps } from '../../context/context.ts';

/** Schedules that one pass compares in full. */
const comparePage = 200;
const listPage = 500;

type Row = {
  /** Whether a Schedule should exist. */
  isWanted: boolean;
  /** Whether the Schedule still has to follow a change. */
  isBehind: boolean;
  pausedByOperator: boolean;
};
type Entry = { pausedByOperator: boolean };

/** Schedules of one kind, in the database and in Temporal. */
export type ScheduleKind<R extends Row, E extends Entry, S extends { changed: boolean }> = {
  /** Of a row or its Schedule. Rows are read in this order. */
  toKey(item: R | E): string;
  findRows(page: { after: string | null; limit: number }): Promise<R[]>;
  listSchedules(): Promise<E[]>;
  /** Makes the Schedule follow the row. */
  sync(row: R): Promise<void>;
  setPausedByOperator(row: R, pausedByOperator: boolean): Promise<void>;
  deleteSchedule(entry: E): Promise<void>;
  /** Compares the Schedule with the row; null when there is none. */
  compare(row: R): Promise<S | null>;
  onCompared?(row: R, state: S): Promise<void>;
};

/**
 * Makes Temporal's Schedules of one kind follow the database: creates lost ones, deletes leftover ones, follows
 * unsynced changes, and repairs, one page a pass, those that were edited in Temporal. One that an operator paused stays
 * paused, and its row says so.
 * @param of.after key of the last Schedule that was compared. @returns the same for the next pass; null to begin again
 */
export async function reconcileSchedules<R extends Row, E extends Entry, S extends { changed: boolean }>(
  { log }: Pick<Deps, 'log'>,
  kind: ScheduleKind<R, E, S>,
  { after, onProgress }: { after: string | null; onProgress: () => void },
): Promise<{ created: number; deleted: number; repaired: number; after: string | null }> {
  const done = { created: 0, deleted: 0, repaired: 0 };
  const limits = { concurrency: 8, onProgress, log };
  // Read before the rows: a Schedule that is listed here was created after its row.
  const entries = new Map((await kind.listSchedules()).map((entry) => [kind.toKey(entry), entry]));

  const wanted = new Set<string>();
  for (let from: string | null = null; ; ) {
    const rows = await kind.findRows({ after: from, limit: listPage });
    for (const row of rows) if (row.isWanted) wanted.add(kind.toKey(row));
    await forEachConcurrent(rows, limits, async (row) => {
      const entry = entries.get(kind.toKey(row));
      if (row.isBehind || (row.isWanted && !entry)) {
        await kind.sync(row);
        done.created += row.isWanted && !entry ? 1 : 0;
      } else if (row.isWanted && entry && entry.pausedByOperator !== row.pausedByOperator)
        await kind.setPausedByOperator(row, entry.pausedByOperator);
    });
    const last = rows.at(-1);
    if (!last || rows.length < listPage) break;
    from = kind.toKey(last);
  }

  const leftover = [...entries].flatMap(([key, entry]) => (wanted.has(key) ? [] : [entry]));
  await forEachConcurrent(leftover, limits, async (entry) => {
    await kind.deleteSchedule(entry);
    done.deleted += 1;
  });

  const page = await kind.findRows({ after, limit: comparePage });
  await forEachConcurrent(
    page.filter(({ isWanted }) => isWanted),
    limits,
    async (row) => {
      const state = await kind.compare(row);
      if (state === null) return;
      if (state.changed) {
        await kind.sync(row);
        done.repaired += 1;
      }
      await kind.onCompared?.(row, state);
    },
  );
  const last = page.at(-1);
  return { ...done, after: last && page.length === comparePage ? kind.toKey(last) : null };
}
