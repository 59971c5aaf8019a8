import { inspectRunOutput, inspectRun as useCase } from '../../../services/run/reading/inspect.ts';
import { defineTool, hints } from '../tool.ts';

export const inspectRun = defineTool({
  name: 'inspect_run',
  title: 'Inspect a run',
  description: [
    'Returns the record of one run: prompt, version, model, each criterion with verdict, rationale and evidence ids, the tool calls in order with arguments and results, trace events, tokens, cost, duration, error. Long texts and results are cut in the middle (truncated says how much); nextCursor leads to further calls and events. Costs at most 25,000 tokens, mostly 1,000 to 5,000.',
    'Use it when you need the details; diagnose_run is shorter and says what probably went wrong. Takes a runId from search_runs, also of a run in progress. callIds and eventIds choose entries; for the whole of one, name it with detail "full", then pass nextOffset as offset.',
    'Next: get_run_artifacts for what the judge received and answered; compare_runs with the last passing run; propose_workflow_patch with the evidence ids that you rely on.',
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
    'part.text',
  ],
  subject: ({ runId }) => runId,
  run: useCase,
});
