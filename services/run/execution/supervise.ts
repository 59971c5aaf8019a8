import type { z } from 'zod';
import { SupersededError } from '../../../agent/ports.ts';
import type { attempt } from '../../context/attempt.ts';
import type { Deps } from '../../context/context.ts';
import { watchRun } from './watch.ts';

export type Supervision = {
  /** Aborted when the work must stop. The reason is a `SupersededError`, or the name of who canceled the run. */
  signal: AbortSignal;
  /** Whether the run was canceled, rather than taken over by another attempt. */
  isCanceled(): boolean;
  /** Ends the supervision. */
  stop(): void;
};

/**
 * Stops an attempt's work when its worker stops, when the run is canceled, or when another attempt takes the run over.
 * @param run.onCurrent called when the attempt was seen to be the current one at `since` (of `performance.now()`)
 */
export function superviseAttempt(
  deps: Pick<Deps, 'db' | 'log' | 'config'>,
  run: {
    orgId: string;
    runId: string;
    fence: number;
    attempt: z.output<typeof attempt>;
    onCurrent?: (since: number) => void;
    onSuperseded?: (reason: string) => void;
  },
): Supervision {
  const { orgId, runId, fence, attempt, onCurrent = () => {}, onSuperseded = () => {} } = run;
  const controller = new AbortController();
  const supersede = (reason: string) => {
    onSuperseded(reason);
    controller.abort(new SupersededError(reason));
  };
  const onAbort = async () => {
    if (!attempt.isCanceled()) return supersede('The worker is stopping; another attempt continues.');
    try {
      const row = await deps.db.run.findFirst({ where: { orgId, id: runId }, select: { cancelRequestedBy: true } });
      controller.abort(row?.cancelRequestedBy ?? 'an operator in Temporal');
    } catch (error) {
      deps.log.warn({ err: error, runId }, 'who canceled a run could not be read');
      controller.abort('somebody');
    }
  };
  const listener = () => void onAbort();
  attempt.signal.addEventListener('abort', listener, { once: true });
  if (attempt.signal.aborted) listener();
  const watch = watchRun(deps, {
    orgId,
    runId,
    fence,
    heartbeatSeconds: deps.config.heartbeatSeconds,
    heartbeat: attempt.heartbeat,
    onCurrent,
    onCanceled: (by) => controller.abort(by),
    onSuperseded: () => supersede('A newer attempt has taken this run over, or the run has ended.'),
  });
  return {
    signal: controller.signal,
    isCanceled: () => controller.signal.aborted && !(controller.signal.reason instanceof SupersededError),
    stop() {
      watch.stop();
      attempt.signal.removeEventListener('abort', listener);
    },
  };
}
