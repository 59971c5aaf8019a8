import type { Warning } from '../../domain/error/error.ts';
import type { Tx } from '../../infra/db/index.ts';
import type { Deps } from '../context/context.ts';
import type { UseCaseContext } from '../context/use-case.ts';
import type { DeliveryRef } from '../delivery/schema.ts';
import { startDeliveries } from '../delivery/start.ts';
import { closeRemovedIn } from '../incident/recording/close-removed.ts';
import { workflowArchived } from './errors.ts';
import { toWorkflowView, type WorkflowView } from './reading/view.ts';
import { lockWorkflow } from './store.ts';
import { syncScheduleOrWarn } from './sync-schedule.ts';

/**
 * Sets the state of a workflow; its Schedule follows. Does nothing when the state is the same.
 * @returns `before`: the state that it had
 */
export async function setState(
  { ctx, orgId, db, write }: UseCaseContext,
  { workflowId, state }: { workflowId: string; state: 'active' | 'paused' | 'archived' },
): Promise<{ workflow: WorkflowView; warnings: Warning[]; before: WorkflowView['state'] }> {
  const { before, isNew, deliveries } = await write(
    async (tx) => {
      const row = await lockWorkflow(tx, { orgId, workflowId });
      const before = toWorkflowView(row).state;
      if (before === state) return { before, isNew: false, deliveries: [] };
      if (before === 'archived') throw workflowArchived();
      return { before, isNew: true, deliveries: await setStateIn(tx, ctx.deps, { orgId, workflowId, state }) };
    },
    ({ isNew: changed }) => (changed ? { subject: workflowId } : null),
  );
  await startDeliveries(ctx.deps, deliveries);
  const warnings = isNew ? await syncScheduleOrWarn(ctx.deps, { orgId, workflowId }) : [];
  const row = await db.workflow.findFirstOrThrow({ where: { orgId, id: workflowId } });
  return { workflow: toWorkflowView(row), warnings, before };
}

/** Sets the state of a locked workflow that isn't archived. @returns deliveries to start after the commit */
export async function setStateIn(
  tx: Tx,
  deps: Pick<Deps, 'now'>,
  { orgId, workflowId, state }: { orgId: string; workflowId: string; state: 'active' | 'paused' | 'archived' },
): Promise<DeliveryRef[]> {
  await tx.workflow.update({
    where: { orgId_id: { orgId, id: workflowId } },
    data: { state, scheduleRevision: { increment: 1 } },
  });
  const reason = state === 'archived' ? 'deleted' : 'paused';
  return state === 'active' ? [] : closeRemovedIn(tx, deps, { orgId, reason, workflowIds: [workflowId] });
}
