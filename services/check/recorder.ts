import type { DeliveryRef } from '../alert/delivery-ref.ts';
import type { CheckRow } from './row.ts';
import { type Storing, storeChecks } from './store.ts';

/** Checks are lost with their worker, and made again, until they are written. */
const everyMs = 2000;
/** So many at once make a transaction long enough. */
const most = 500;

/** Writes the checks of a batch as they come, a few at a time. */
export type CheckRecorder = {
  add(row: CheckRow): void;
  /** Writes what is left. @throws what the database said, also to an earlier write */
  finish(): Promise<{ checks: number; deliveries: DeliveryRef[] }>;
};

export function createCheckRecorder(
  deps: Storing,
  of: { orgId: string; serverId: string; scheduledAt: Date; key: string },
  /** Told of the first write that failed; no further one is tried. */
  onFailure: (error: unknown) => void,
): CheckRecorder {
  let waiting: CheckRow[] = [];
  let timer: NodeJS.Timeout | null = null;
  let isSoon = false;
  let failure: { error: unknown } | null = null;
  let writes = Promise.resolve();
  const done = { checks: 0, deliveries: [] as DeliveryRef[] };

  const write = (): Promise<void> => {
    if (timer) clearTimeout(timer);
    timer = null;
    isSoon = false;
    writes = writes.then(async () => {
      const checks = waiting;
      waiting = [];
      if (failure || checks.length === 0) return;
      try {
        const { written, deliveries } = await storeChecks(deps, { ...of, checks });
        done.checks += written;
        done.deliveries.push(...deliveries);
      } catch (error) {
        failure = { error };
        onFailure(error);
      }
    });
    return writes;
  };

  return {
    add(row) {
      waiting.push(row);
      if (waiting.length >= most && !isSoon) {
        isSoon = true;
        if (timer) clearTimeout(timer);
        // Not at once: what ends together is written together.
        timer = setTimeout(write, 0);
      } else timer ??= setTimeout(write, everyMs);
    },
    async finish() {
      await write();
      if (failure) throw failure.error;
      return done;
    },
  };
}
