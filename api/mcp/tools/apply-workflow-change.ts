import { applyProposalOutput, applyProposal as useCase } from '../../../services/proposal/apply.ts';
import { defineTool } from '../tool.ts';

export const applyWorkflowChange = defineTool({
  name: 'apply_workflow_change',
  title: 'Apply a proposal',
  description: [
    'Applies a proposal: creates a new active version of its workflow, or a new workflow. Returns workflow id, new version id and number. Applying it again returns the first result. Requires the role editor.',
    'Use it after a person has approved the diff. Takes the proposalId of propose_workflow_patch or draft_regression_workflow_from_run. A proposal older than 24 hours is proposal_expired. If the workflow has a newer version it is base_version_stale with currentVersionId: propose again from that version.',
    'Next: run_workflow_now with the workflowId, baselineRunId of the failed run and wait true; then compare_runs.',
  ].join('\n'),
  useCase,
  input: useCase.useCase.input,
  output: applyProposalOutput,
  annotations: { readOnlyHint: false, destructiveHint: true, idempotentHint: true, openWorldHint: false },
  untrusted: ['warnings[].message'],
  run: useCase,
});
