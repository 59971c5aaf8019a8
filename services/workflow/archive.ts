import { z } from 'zod';
import { givenId } from '../../domain/values/id.ts';
import { useCase } from '../context/use-case.ts';
import { setState } from './set-state.ts';

/**
 * Archives a workflow: it leaves the lists and is never scheduled again. Its history is kept.
 * @throws ArmatureError `workflow_not_found`
 */
export const archiveWorkflow = useCase({
  name: 'workflow.archive',
  access: 'editor',
  input: z.object({ workflowId: givenId }),
  run: (context, { workflowId }) => setState(context, { workflowId, state: 'archived' }),
});
