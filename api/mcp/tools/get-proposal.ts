import { getProposal as useCase } from '../../../services/proposal/get.ts';
import { proposalAnswer } from '../../../services/proposal/view.ts';
import { defineTool, hints } from '../tool.ts';

export const getProposal = defineTool({
  name: 'get_proposal',
  title: 'Get a proposal',
  description: [
    'Returns a proposal: state, whether it is stale, rationale, evidence, warnings, the diff by field, and the whole definition after applying it. Costs some 1,000 tokens plus prompt and criteria.',
    'Use it to review a proposal, your own or another, before a person decides. Takes a proposalId of propose_workflow_patch, draft_regression_workflow_from_run or get_org_health.',
    'Next: show the diff to the person you work for; then apply_workflow_change, or propose_workflow_patch again if it is stale.',
  ].join('\n'),
  useCase,
  input: useCase.useCase.input,
  output: proposalAnswer,
  annotations: hints.read,
  untrusted: ['rationale', 'intent', 'decisionReason', 'warnings[].message', 'changes', 'definition', 'diff'],
  subject: ({ proposalId }) => proposalId,
  run: useCase,
});
