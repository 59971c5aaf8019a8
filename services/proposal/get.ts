import { z } from 'zod';
import { givenId } from '../../domain/values/id.ts';
import { workflowDefinition } from '../../domain/workflow/definition.ts';
import { definitionDiff, fieldDiff, workflowChanges } from '../../domain/workflow/proposal.ts';
import { useCase } from '../context/use-case.ts';
import { parseDefinition } from '../workflow/reading/view.ts';
import { proposalNotFound } from './errors.ts';
import { proposalInclude, proposalOutput, toProposalViews } from './view.ts';

export const getProposalOutput = proposalOutput.extend({
  changes: workflowChanges.nullable().describe('As proposed. Null for a new workflow.'),
  definition: workflowDefinition.describe('The whole definition after applying it.'),
  diff: z.array(fieldDiff).describe('Compared with the base version. For a new workflow, all fields.'),
});
export type ProposalDetail = z.infer<typeof getProposalOutput>;

/** Returns a proposal with its diff. @throws ArmatureError `proposal_not_found` */
export const getProposal = useCase({
  name: 'proposal.get',
  access: 'viewer',
  input: z.object({ proposalId: givenId }),
  async run({ db, orgId, now }, { proposalId }): Promise<ProposalDetail> {
    const row = await db.proposal.findFirst({
      where: { orgId, id: proposalId },
      include: { ...proposalInclude, baseVersion: { select: { number: true, definition: true } } },
    });
    if (!row) throw proposalNotFound();
    const [view] = await toProposalViews(db, { orgId, rows: [row], now: now() });
    if (!view) throw proposalNotFound();
    const definition = parseDefinition(row);
    return {
      ...view,
      changes: row.changes === null ? null : workflowChanges.parse(row.changes),
      definition,
      diff: definitionDiff(row.baseVersion && parseDefinition(row.baseVersion), definition),
    };
  },
});
