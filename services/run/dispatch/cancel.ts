import { z } from 'zod';
import type { Warning } from '../../../domain/error/error.ts';
import { isTerminal, type RunStatus } from '../../../domain/run/run.ts';
import { givenId } from '../../../domain/values/id.ts';
import { useCase } from '../../context/use-case.ts';
import { runNotFound } from '../errors.ts';
import { settleRun } from '../execution/finish.ts';
import { toRunStatus } from '../reading/view.ts';

/**
 * Cancels a run, whether it is waiting or in the middle of a call. `canceled` is false when it had ended before.
 * The request is stored in the row, so that it takes effect even while Temporal is unreachable.
 */
export const cancelRun = useCase({
  name: 'run.cancel',
  access: 'editor',
  input: z.object({ runId: givenId }),
  async run(
    { ctx, db, orgId, actor, write, temporal, log },
    { runId },
  ): Promise<{ runId: string; status: RunStatus; canceled: boolean; warnings: Warning[] }> {
    const requested = await write(
      async (tx) => {
        const { count } = await tx.run.updateMany({
          where: { orgId, id: runId, status: { in: ['pending', 'running'] }, cancelRequestedBy: null },
          data: { cancelRequestedBy: `${actor.kind}:${actor.id}` },
        });
        return count > 0;
      },
      (isFirst) => (isFirst ? { subject: runId } : null),
    );
    const row = await db.run.findFirst({ where: { orgId, id: runId }, select: { status: true } });
    if (!row) throw runNotFound();
    const status = toRunStatus(row);
    if (isTerminal(status)) return { runId, status, canceled: requested, warnings: [] };
    try {
      const reached = await temporal.cancelRun(runId);
      // No workflow executes it, so nothing else would end it.
      if (!reached)
        return { runId, ...(await settleRun(ctx, { orgId, runId, end: 'canceled' })), canceled: true, warnings: [] };
    } catch (error) {
      log.warn(
        { err: error, runId },
        'a cancellation did not reach Temporal; the worker or reconcile finds it in the row',
      );
      const message = 'Temporal is unreachable. The run ends as soon as its worker or Temporal is back.';
      return { runId, status, canceled: true, warnings: [{ code: 'temporal_unavailable', message }] };
    }
    return { runId, status, canceled: true, warnings: [] };
  },
});
