import { z } from 'zod';
import { givenId } from '../../domain/values/id.ts';
import { useCase } from '../context/use-case.ts';
import { setState } from './set-state.ts';

/**
 * Starts the scheduled runs of a paused workflow again.
 * @throws ArmatureError `workflow_not_found`, `workflow_archived`
 */
export const resumeWorkflow = useCase({
  name: 'workflow.resume',
  access: 'editor',
  input: z.object({ workflowId: givenId }),
  run: (context, { workflowId }) => setState(context, { workflowId, state: 'active' }),
});
