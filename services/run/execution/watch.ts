import type { Deps } from '../../context/context.ts';

export type Watch = { stop(): void };

/**
 * Reads a run's row regularly while an attempt works on it, at most a second apart. Cancel requests, a newer attempt,
 * the lease and the heartbeat all depend on it. A read that fails sends no heartbeat: an attempt without the database
 * is replaced by another.
 */
export function watchRun(
  { db, log }: Pick<Deps, 'db' | 'log'>,
  run: {
    orgId: string;
    runId: string;
    fence: number;
    heartbeatSeconds: number;
    heartbeat: () => void;
    /** This attempt was the current one at `since` (of `performance.now()`). */
    onCurrent: (since: number) => void;
    /** @param by who requested it */
    onCanceled: (by: string) => void;
    onSuperseded: () => void;
  },
): Watch {
  const intervalMs = Math.min(1000, (run.heartbeatSeconds * 1000) / 4);
  let stopped = false;
  let timer: NodeJS.Timeout | undefined;

  const read = async (): Promise<void> => {
    try {
      const since = performance.now();
      const row = await db.run.findFirst({
        where: { orgId: run.orgId, id: run.runId },
        select: { fence: true, status: true, cancelRequestedBy: true },
      });
      if (stopped) return;
      if (row?.fence !== run.fence || row.status !== 'running') return run.onSuperseded();
      run.onCurrent(since);
      run.heartbeat();
      if (row.cancelRequestedBy !== null) run.onCanceled(row.cancelRequestedBy);
    } catch (error) {
      log.warn({ err: error, runId: run.runId }, 'the row of an open run could not be read');
    }
    if (!stopped) timer = setTimeout(read, intervalMs);
  };
  run.heartbeat();
  timer = setTimeout(read, intervalMs);
  return {
    stop() {
      stopped = true;
      clearTimeout(timer);
    },
  };
}
