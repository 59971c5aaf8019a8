import { compareRunsOutput, compareRuns as useCase } from '../../../services/run/reading/compare.ts';
import { defineTool, hints } from '../tool.ts';

export const compareRuns = defineTool({
  name: 'compare_runs',
  title: 'Compare two runs',
  description: [
    'Returns what changed from a baseline run to a candidate run of the same workflow: status, criteria (fixed, regressed; those that passed both times are only counted), tool calls that were added, removed, or differ in arguments, outcome or result, with the fields and their values; tools newly and no longer called, and those that the catalog gained and lost; latency, tokens and cost; and what differs between the versions. What is left out is unchanged.',
    'Use it after a repair to prove that it worked (the failed run as baselineRunId, the new one as candidateRunId), or to see what broke (the last passing run as baseline). Both runs must be finished; runs of different workflows are runs_not_comparable.',
    'Next: if criteria regressed or are unchanged, diagnose_run with the candidate.',
  ].join('\n'),
  useCase,
  input: useCase.useCase.input,
  output: compareRunsOutput,
  annotations: hints.read,
  untrusted: ['criteria[].rationale', 'callSequence[]', 'tools', 'catalogChanges'],
  subject: ({ candidateRunId }) => candidateRunId,
  run: useCase,
});
