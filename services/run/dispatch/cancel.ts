import { z } from 'zod';
import type { Warning } from '../../../domain/error/error.ts';
import { isTerminal, type RunStatus } from '../../../domain/run/run.ts';
import { useCase } from '../../context/use-case.ts';
import { runNotFound } from '../errors.ts';
import { settleRun } from '../execution/finish.ts';
import { toRunStatus } from '../reading/view.ts';

/**
 * Asks a run to end as canceled, whether it is waiting or in the middle of a call. `canceled` is false when it had ended before.
 * The request is kept in the row, so that it is heard also when Temporal can't be reached.
 */
export const cancelRun = useCase({
  name: 'run.cancel',
  access: 'editor',
  input: z.object({ runId: z.uuid() }),
  async run(
    { ctx, db, orgId, actor, write, temporal, log },
    { runId },
  ): Promise<{ runId: string; status: RunStatus; canceled: boolean; warnings: Warning[] }> {
    const asked = await write(
      async (tx) => {
        const { count } = await tx.run.updateMany({
          where: { orgId, id: runId, status: { in: ['pending', 'running'] }, cancelRequestedBy: null },
          data: { cancelRequestedBy: `${actor.kind}:${actor.id}` },
        });
        return count > 0;
      },
      (first) => (first ? { subject: runId } : null),
    );
    const row = await db.run.findFirst({ where: { orgId, id: runId }, select: { status: true } });
    if (!row) throw runNotFound(runId);
    const status = toRunStatus(row);
    if (isTerminal(status)) return { runId, status, canceled: asked, warnings: [] };
    try {
      const reached = await temporal.cancelRun(runId);
      // Nothing carries it out, so nothing would end it.
      if (!reached)
        return { runId, ...(await settleRun(ctx, { orgId, runId, end: 'canceled' })), canceled: true, warnings: [] };
    } catch (error) {
      log.warn(
        { err: error, runId },
        'Temporal did not take a cancelation; the worker or reconcile will see it in the row',
      );
      const message = 'Temporal can not be reached right now. The run ends as soon as its worker or Temporal is back.';
      return { runId, status, canceled: true, warnings: [{ code: 'temporal_unavailable', message }] };
    }
    return { runId, status, canceled: true, warnings: [] };
  },
});
