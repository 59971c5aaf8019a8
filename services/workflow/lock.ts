import type { Tx } from '../../infra/db/index.ts';
import { lockWorkflowRow } from '../../infra/db/queries/workflow.ts';
import type { WorkflowModel } from '../../prisma/generated/models.ts';
import { workflowNotFound } from './errors.ts';

/** Takes the workflow's row lock, by which its changes take turns. @throws ArmatureError `workflow_not_found` */
export async function lockWorkflow(
  tx: Tx,
  { orgId, workflowId }: { orgId: string; workflowId: string },
): Promise<WorkflowModel> {
  const row = await lockWorkflowRow(tx, { orgId, workflowId });
  if (!row) throw workflowNotFound();
  return row;
}
