import { type CheckErrorKind, transportErrorKinds, unsentErrorKinds } from '../../domain/monitor/monitor.ts';
import type { DeliveryRef } from '../delivery/ref.ts';
import type { CheckRow } from './result.ts';
import { type Storing, storeChecks } from './store.ts';

/** Checks are lost with their worker, and made again, until they are written. */
const everyMs = 2000;
/** So many at once make a transaction long enough. */
const most = 500;

/** Whether the server itself answered, if only with an error. */
export const isAnswer = ({ errorKind }: { errorKind: CheckErrorKind | null }): boolean =>
  errorKind === null || !(transportErrorKinds.has(errorKind) || unsentErrorKinds.has(errorKind));

/**
 * Writes the checks of a batch as they come, a few at a time. That a server failed as a whole shows at the end of its sweep alone, so
 * transport errors wait for the first answer, or for that end.
 */
export type CheckRecorder = {
  add(row: CheckRow): void;
  /** Writes what is left. @throws what the database said, also to an earlier write */
  finish(): Promise<{ checks: number; deliveries: DeliveryRef[] }>;
};

export function createCheckRecorder(
  deps: Storing,
  of: {
    orgId: string;
    serverId: string;
    scheduledAt: Date;
    key: string;
    /** Whether an earlier attempt has written an answer of the server. */
    answered: boolean;
  },
  /** Told of the first write that failed; no further one is tried. */
  onFailure: (error: unknown) => void,
): CheckRecorder {
  let waiting: CheckRow[] = [];
  const held: CheckRow[] = [];
  let { answered } = of;
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
        const { written, deliveries } = await storeChecks(deps, { ...of, answered, checks });
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
      if (!answered && !isAnswer(row)) return void held.push(row);
      if (!answered) {
        answered = true;
        waiting.push(...held.splice(0));
      }
      waiting.push(row);
      if (waiting.length >= most && !isSoon) {
        isSoon = true;
        if (timer) clearTimeout(timer);
        // Not at once: what ends together is written together.
        timer = setTimeout(write, 0);
      } else timer ??= setTimeout(write, everyMs);
    },
    async finish() {
      waiting.push(...held.splice(0));
      await write();
      if (failure) throw failure.error;
      return done;
    },
  };
}
