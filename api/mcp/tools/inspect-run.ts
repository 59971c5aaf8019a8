import { inspectRunOutput, inspectRun as useCase } from '../../../services/run/reading/inspect.ts';
import { defineTool, hints } from '../tool.ts';

export const inspectRun = defineTool({
  name: 'inspect_run',
  title: 'Inspect a run',
  description: [
    'Returns everything about one run: prompt, version, model, each criterion with verdict, rationale and evidence ids, the complete trace of tool calls with arguments and results, tokens, cost, duration, error.',
    'Use it when you need the details; diagnose_run is shorter and says what probably went wrong. Takes a runId from search_runs. Also works while the run is running.',
    'Next: armature://runs/{id}/artifacts for what the judge received and answered; compare_runs with the last passing run; propose_workflow_patch with the evidence ids that you rely on.',
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
