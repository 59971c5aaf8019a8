import { setTimeout as sleep } from 'node:timers/promises';
import type { AgentEnd } from '../../domain/run/roll-up.ts';
import type { WorkflowDefinition } from '../../domain/workflow/definition.ts';
import type { Tool } from '../ports.ts';
import { type AgentInput, runAgent } from '../run-agent.ts';
import { type Mask, maskModel } from './masked-model.ts';

/** A definition without the ids of one installation. */
export type RunnableDefinition = Pick<
  WorkflowDefinition,
  'prompt' | 'criteria' | 'toolPolicy' | 'limits' | 'retryPolicy'
>;

/**
 * Runs the agent on a workflow's definition, on a server and on a user's machine alike.
 * @param input.mask masks the secrets of the server
 * @throws as `runAgent` does
 */
export const executeDefinition = ({
  definition,
  mask,
  model,
  ...input
}: Omit<AgentInput, 'prompt' | 'toolPolicy' | 'limits' | 'retryPolicy' | 'sleep'> & {
  definition: RunnableDefinition;
  mask: Mask;
}): Promise<AgentEnd> =>
  runAgent({
    prompt: definition.prompt,
    toolPolicy: definition.toolPolicy,
    limits: definition.limits,
    retryPolicy: definition.retryPolicy,
    model: maskModel(model, mask),
    sleep: (ms, until) => sleep(ms, undefined, { signal: until }),
    ...input,
  });

/** Whether a tool's call may be repeated, by what its server says. */
export const isRepeatable = ({ annotations }: Pick<Tool, 'annotations'>): boolean =>
  annotations?.readOnlyHint === true || annotations?.idempotentHint === true;
