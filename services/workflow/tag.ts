import { z } from 'zod';
import { tags } from '../../domain/code/schema.ts';
import { sameJson } from '../../domain/json/json.ts';
import { givenId } from '../../domain/values/id.ts';
import { useCase } from '../context/use-case.ts';
import { workflowArchived } from './errors.ts';
import { toWorkflowView, type WorkflowView } from './reading/view.ts';
import { lockWorkflow } from './store.ts';

/**
 * Sets the tags of a workflow, which are outside of its versions.
 * @throws ArmatureError `workflow_not_found`, `workflow_archived`
 */
export const tagWorkflow = useCase({
  name: 'workflow.tag',
  access: 'editor',
  input: z.object({ workflowId: givenId, tags }),
  async run({ orgId, write }, { workflowId, tags: given }): Promise<{ workflow: WorkflowView }> {
    const { row } = await write(
      async (tx) => {
        const before = await lockWorkflow(tx, { orgId, workflowId });
        if (before.state === 'archived') throw workflowArchived();
        const next = [...new Set(given)];
        if (sameJson(before.tags, next)) return { row: before, isNew: false };
        const where = { orgId_id: { orgId, id: workflowId } };
        return { row: await tx.workflow.update({ where, data: { tags: next } }), isNew: true };
      },
      ({ isNew }) => (isNew ? { subject: workflowId, data: { tags: given } } : null),
    );
    return { workflow: toWorkflowView(row) };
  },
});
