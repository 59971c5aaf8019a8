import { runWorkflowNow as useCase } from '../../../services/run/dispatch/run-now.ts';
import { runWorkflowNowInput, runWorkflowNowOutput } from '../../../services/run/dispatch/schema.ts';
import { defineTool } from '../tool.ts';

export const runWorkflowNow = defineTool({
  name: 'run_workflow_now',
  title: 'Run a workflow now',
  description: [
    'Starts a workflow and returns its runs, one for each tester model or only the one in modelId, each with whether it was reused. The agent really calls the server under test. Requires the role editor. With wait it answers when the runs have finished, with each criterion graded, some 100 tokens each (waitSeconds, 45 by default, 300 at most) and reports progress to clients that request it; run_wait_timeout lists the runs that are still running.',
    'Use it to check a repair: give a short reason, and baselineRunId for the run to compare with. The same reason returns the unfinished run, and for ten minutes the finished one; forceNewRun starts a new one. With your own idempotencyKey it always returns the same runs. Takes a workflowId from list_workflows.',
    'Next: compare_runs with the failed run as baselineRunId; diagnose_run if it failed again; inspect_run while it is running.',
  ].join('\n'),
  useCase,
  input: runWorkflowNowInput,
  output: runWorkflowNowOutput,
  annotations: { readOnlyHint: false, destructiveHint: true, idempotentHint: true, openWorldHint: true },
  untrusted: ['runs[].error.message', 'runs[].criteria[].rationale'],
  run: (ctx, args, { signal, progress }) => useCase(ctx, { ...args, signal, progress }),
});
