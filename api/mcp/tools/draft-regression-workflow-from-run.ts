import { draftRegressionOutput, draftRegression as useCase } from '../../../services/proposal/draft/regression.ts';
import { defineTool } from '../tool.ts';

export const draftRegressionWorkflowFromRun = defineTool({
  name: 'draft_regression_workflow_from_run',
  title: 'Draft a regression workflow from a run',
  description: [
    'Drafts a proposal for a new workflow that pins the failure of a run: it fails while the fault is there and passes without it. Same server and blocked tools, criteria from what failed, allowed tools from those that the task needs, never more than the workflow allowed. It runs only manually. Returns proposalId, diff, warnings and expiry.',
    'Use it to keep testing for a failure that was found once. Takes the runId of a finished run that did not pass, from search_runs, and a rationale in your own words. A run that ended before the agent did anything (server unreachable, access refused) has nothing to pin and is refused.',
    'Next: show the diff (get_proposal has all of it) to the person you work for; then apply_workflow_change, and run_workflow_now with the new workflowId.',
  ].join('\n'),
  useCase,
  input: useCase.useCase.input,
  output: draftRegressionOutput,
  annotations: { readOnlyHint: false, destructiveHint: false, idempotentHint: false, openWorldHint: false },
  untrusted: ['diff', 'warnings[].message'],
  run: useCase,
});
