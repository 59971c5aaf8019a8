import { z } from 'zod';
import { workflowDefinition } from '../../domain/workflow/definition.ts';
import { stagedOutput } from '../../services/proposal/view.ts';

/** Parts that several operations answer with. Each name is that of an OpenAPI component. */

export const warnings = z.array(
  z.object({ code: z.string(), message: z.string(), field: z.string().optional() }).meta({ id: 'Warning' }),
);

export const time = z.iso.datetime();

export const ok = z.object({ ok: z.literal(true) });

export const definition = workflowDefinition.meta({ id: 'WorkflowDefinition' });

export const stagedProposal = stagedOutput.meta({ id: 'StagedProposal' });
