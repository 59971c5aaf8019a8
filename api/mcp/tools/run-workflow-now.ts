import { runWorkflowNow as useCase } from '../../../services/run/dispatch/run-now.ts';
import { runWorkflowNowInput, runWorkflowNowOutput } from '../../../services/run/dispatch/schema.ts';
import { defineTool } from '../tool.ts';

export const runWorkflowNow = defineTool({
  name: 'run_workflow_now',
  title: 'Run a workflow now',
  description: [
    'Starts a workflow and returns its runs, one for each tester model or the one in modelId, each with whether it was reused. The agent really calls the server under test. Needs the role editor. With wait it answers when the runs are over (waitSeconds, 45 by default, 300 at most), and reports progress to clients that ask for it; run_wait_timeout carries the run ids of those that go on.',
    'Use it to check a repair: a reason in a few words, and baselineRunId for what it will be compared with. Asking again with the same reason returns the run that is under way, and for ten minutes the finished one; forceNewRun makes a new one. An idempotencyKey of your own returns its runs for good. Wants a workflowId from list_workflows.',
    'Next: compare_runs with the failed run as baselineRunId; diagnose_run when it failed again; inspect_run while it goes on.',
  ].join('\n'),
  useCase,
  input: runWorkflowNowInput,
  output: runWorkflowNowOutput,
  annotations: { readOnlyHint: false, destructiveHint: true, idempotentHint: true, openWorldHint: true },
  untrusted: ['runs[].error.message'],
  run: (ctx, args, { signal, progress }) => useCase(ctx, { ...args, signal, progress }),
});
