import { z } from 'zod';
import { proposalStates } from '../../../domain/workflow/proposal.ts';
import { applyProposal } from '../../../services/proposal/apply.ts';
import { getProposal } from '../../../services/proposal/get.ts';
import { listProposals } from '../../../services/proposal/list.ts';
import { proposePatch } from '../../../services/proposal/propose.ts';
import { rejectProposal } from '../../../services/proposal/reject.ts';
import { reopenProposal } from '../../../services/proposal/reopen.ts';
import { applyResult, proposalOutput } from '../../../services/proposal/view.ts';
import { defineRoute, pageOf, paging } from '../route.ts';
import { stagedProposal } from '../schemas.ts';

const row = proposalOutput.meta({ id: 'Proposal' });

export const proposalRoutes = [
  defineRoute({
    method: 'GET',
    path: '/proposals',
    summary: 'Lists proposals, newest first',
    useCase: listProposals,
    input: listProposals.useCase.input.extend(paging),
    output: pageOf(row),
    async run(ctx, filters) {
      const { proposals, nextCursor } = await listProposals(ctx, filters);
      return { rows: proposals, nextCursor };
    },
  }),
  defineRoute({
    method: 'POST',
    path: '/proposals',
    operation: 'createProposal',
    summary: 'Proposes a change of a workflow, or a new workflow',
    status: 201,
    useCase: proposePatch,
    input: proposePatch.useCase.input,
    output: stagedProposal,
    run: (ctx, given) => proposePatch(ctx, given),
  }),
  defineRoute({
    method: 'GET',
    path: '/proposals/{proposalId}',
    summary: 'Returns a proposal with its diff',
    useCase: getProposal,
    input: getProposal.useCase.input,
    output: z.looseObject(proposalOutput.shape),
    run: (ctx, given) => getProposal(ctx, given),
  }),
  defineRoute({
    method: 'POST',
    path: '/proposals/{proposalId}/apply',
    summary: 'Applies a proposal; a second time returns the first result',
    useCase: applyProposal,
    input: applyProposal.useCase.input,
    output: applyResult.meta({ id: 'AppliedProposal' }),
    run: (ctx, given) => applyProposal(ctx, given),
  }),
  defineRoute({
    method: 'POST',
    path: '/proposals/{proposalId}/reject',
    summary: 'Rejects a proposal',
    useCase: rejectProposal,
    input: rejectProposal.useCase.input,
    output: z.object({ proposalId: z.uuid(), state: z.enum(proposalStates) }),
    run: (ctx, given) => rejectProposal(ctx, given),
  }),
  defineRoute({
    method: 'POST',
    path: '/proposals/{proposalId}/reopen',
    summary: 'Takes back that a proposal was rejected',
    useCase: reopenProposal,
    input: reopenProposal.useCase.input,
    output: z.object({ proposalId: z.uuid(), state: z.enum(proposalStates) }),
    run: (ctx, given) => reopenProposal(ctx, given),
  }),
];
