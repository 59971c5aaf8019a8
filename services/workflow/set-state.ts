import type { Warning } from '../../domain/error/error.ts';
import type { UseCaseContext } from '../context/use-case.ts';
import { closeGoneIn } from '../incident/recording/close-gone.ts';
import { workflowArchived } from './errors.ts';
import { toWorkflowView, type WorkflowView } from './reading/view.ts';
import { lockWorkflow } from './store.ts';
import { syncScheduleOrWarn } from './sync-schedule.ts';

/** Sets the state of a workflow; its Schedule follows. Does nothing when the state is the same. */
export async function setState(
  { ctx, orgId, db, write, now }: UseCaseContext,
  { workflowId, state }: { workflowId: string; state: 'active' | 'paused' | 'archived' },
): Promise<{ workflow: WorkflowView; warnings: Warning[] }> {
  const isNew = await write(
    async (tx) => {
      const row = await lockWorkflow(tx, { orgId, workflowId });
      if (row.state === state) return false;
      if (row.state === 'archived') throw workflowArchived();
      await tx.workflow.update({
        where: { orgId_id: { orgId, id: workflowId } },
        data: { state, scheduleRevision: { increment: 1 } },
      });
      if (state !== 'active') await closeGoneIn(tx, { orgId, at: now(), workflowIds: [workflowId] });
      return true;
    },
    (changed) => (changed ? { subject: workflowId } : null),
  );
  const warnings = isNew ? await syncScheduleOrWarn(ctx.deps, { orgId, workflowId }) : [];
  const row = await db.workflow.findFirstOrThrow({ where: { orgId, id: workflowId } });
  return { workflow: toWorkflowView(row), warnings };
}
