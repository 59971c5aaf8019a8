import { isAnswered } from '../../domain/incident/sweep-verdict.ts';
import type { DeliveryRef } from '../delivery/schema.ts';
import type { CheckRow } from './result.ts';
import { type StoreDeps, storeChecks } from './store.ts';

/** Checks that aren't written yet are lost, and repeated, when the worker dies. */
const writeEveryMs = 2000;
/** Checks of one transaction, about. */
const maxWaiting = 500;

/**
 * Writes the checks of a batch as they finish, a few at a time. Whether the server as a whole failed, or an auth
 * profile is refused, is known at the end of the batch only, so such failures are held back until that end, or until a
 * check shows otherwise.
 */
export type CheckRecorder = {
  add(row: CheckRow): void;
  /** Writes what is left. @throws the database's error, also that of an earlier write */
  finish(): Promise<{ checks: number; deliveries: DeliveryRef[] }>;
};

export function createCheckRecorder(
  deps: StoreDeps,
  of: {
    orgId: string;
    serverId: string;
    scheduledAt: Date;
    key: string;
    /** Whether an earlier attempt has written an answer of the server. */
    answered: boolean;
    /** The auth profiles of checks that an earlier attempt has written and that were not refused. */
    notRefused: ReadonlySet<string>;
  },
  /** Called with the error of the first write that fails; there are no further ones. */
  onFailure: (error: unknown) => void,
): CheckRecorder {
  let waiting: CheckRow[] = [];
  const held: CheckRow[] = [];
  let refused: CheckRow[] = [];
  const notRefused = new Set(of.notRefused);
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
        const { written, deliveries } = await storeChecks(deps, { ...of, answered, notRefused, checks });
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
      if (!answered && !isAnswered(row)) return void held.push(row);
      if (!answered) {
        answered = true;
        waiting.push(...held.splice(0));
      }
      if (row.refusal !== null && !notRefused.has(row.authProfileId)) return void refused.push(row);
      if (row.refusal === null && !notRefused.has(row.authProfileId)) {
        notRefused.add(row.authProfileId);
        waiting.push(...refused.filter(({ authProfileId }) => authProfileId === row.authProfileId));
        refused = refused.filter(({ authProfileId }) => authProfileId !== row.authProfileId);
      }
      waiting.push(row);
      if (waiting.length >= maxWaiting && !isSoon) {
        isSoon = true;
        if (timer) clearTimeout(timer);
        // On the next tick: checks that finish together are written together.
        timer = setTimeout(write, 0);
      } else timer ??= setTimeout(write, writeEveryMs);
    },
    async finish() {
      waiting.push(...held.splice(0), ...refused.splice(0));
      await write();
      if (failure) throw failure.error;
      return done;
    },
  };
}
