import { inspectRunOutput, inspectRun as useCase } from '../../../services/run/reading/inspect.ts';
import { defineTool, hints } from '../tool.ts';

export const inspectRun = defineTool({
  name: 'inspect_run',
  title: 'Inspect a run',
  description: [
    'Returns everything about one run: prompt, version, model, each criterion with verdict, rationale and evidence ids, the complete trace of tool calls with arguments and results, tokens, cost, duration, error.',
    'Use it when you need the details themselves; diagnose_run is shorter and says what probably went wrong. Wants a runId from search_runs. Also works while the run is going on.',
    'Next: armature://runs/{id}/artifacts for what the judge was asked and answered; compare_runs with the last run that passed; propose_workflow_patch, naming the evidence ids that you rely on.',
  ].join('\n'),
  useCase,
  input: useCase.useCase.input,
  output: inspectRunOutput,
  annotations: hints.read,
  untrusted: [
    'run.error.message',
    'finalAnswer',
    'criteria[].rationale',
    'criteria[].judge.response',
    'calls[].tool',
    'calls[].arguments',
    'calls[].result',
    'calls[].error',
    'events[]',
  ],
  subject: ({ runId }) => runId,
  run: useCase,
});
