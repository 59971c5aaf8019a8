import { z } from 'zod';
import { givenId } from '../../domain/values/id.ts';
import { useCase } from '../context/use-case.ts';
import { setState } from './set-state.ts';

/**
 * Stops the scheduled runs of a workflow until it is resumed. It can still be run manually.
 * @throws ArmatureError `workflow_not_found`, `workflow_archived`
 */
export const pauseWorkflow = useCase({
  name: 'workflow.pause',
  access: 'editor',
  input: z.object({ workflowId: givenId }),
  run: (context, { workflowId }) => setState(context, { workflowId, state: 'paused' }),
});
