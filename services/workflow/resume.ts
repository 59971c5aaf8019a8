import { z } from 'zod';
import { useCase } from '../context/use-case.ts';
import { setState } from './set-state.ts';

/**
 * Lets a paused workflow run by its schedule again.
 * @throws ArmatureError `workflow_not_found`, `workflow_archived`
 */
export const resumeWorkflow = useCase({
  name: 'workflow.resume',
  access: 'editor',
  input: z.object({ workflowId: z.uuid() }),
  run: (context, { workflowId }) => setState(context, { workflowId, state: 'active' }),
});
