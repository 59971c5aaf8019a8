import type { Deps } from '../../context/context.ts';

export type Watch = { stop(): void };

/**
 * Looks at a run's row while an attempt works on it, at most a second apart: it is how a cancel request is heard at once, how an
 * overtaken attempt learns of it, and what the attempt's lease and its heartbeat rest on. No look that succeeds, no heartbeat: an
 * attempt that has lost the database gives way to one that hasn't.
 */
export function watchRun(
  { db, log }: Pick<Deps, 'db' | 'log'>,
  of: {
    orgId: string;
    runId: string;
    fence: number;
    heartbeatSeconds: number;
    heartbeat: () => void;
    /** This attempt was the current one at `since` (of `performance.now()`). */
    onCurrent: (since: number) => void;
    /** @param by who asked. */
    onCanceled: (by: string) => void;
    onSuperseded: () => void;
  },
): Watch {
  const everyMs = Math.min(1000, (of.heartbeatSeconds * 1000) / 4);
  let stopped = false;
  let timer: NodeJS.Timeout | undefined;

  const look = async (): Promise<void> => {
    try {
      const since = performance.now();
      const row = await db.run.findFirst({
        where: { orgId: of.orgId, id: of.runId },
        select: { fence: true, status: true, cancelRequestedBy: true },
      });
      if (stopped) return;
      if (row?.fence !== of.fence || row.status !== 'running') return of.onSuperseded();
      of.onCurrent(since);
      of.heartbeat();
      if (row.cancelRequestedBy !== null) of.onCanceled(row.cancelRequestedBy);
    } catch (error) {
      log.warn({ err: error, runId: of.runId }, "a running run's row could not be read");
    }
    if (!stopped) timer = setTimeout(look, everyMs);
  };
  of.heartbeat();
  timer = setTimeout(look, everyMs);
  return {
    stop() {
      stopped = true;
      clearTimeout(timer);
    },
  };
}
