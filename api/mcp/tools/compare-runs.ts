import { compareRunsOutput, compareRuns as useCase } from '../../../services/run/reading/compare.ts';
import { defineTool, hints } from '../tool.ts';

export const compareRuns = defineTool({
  name: 'compare_runs',
  title: 'Compare two runs',
  description: [
    'Returns what changed from a baseline run to a candidate run of the same workflow: status, each criterion (fixed, regressed, unchanged), the sequence of tool calls as a diff, tools added and lost, latency, tokens and cost, and what differs between the versions.',
    'Use it after a repair to prove that it worked (the failed run as baselineRunId, the new one as candidateRunId), or to see what broke (the last passing run as baseline). Both runs must be finished; runs of different workflows are runs_not_comparable.',
    'Next: if criteria regressed or are unchanged, diagnose_run with the candidate.',
  ].join('\n'),
  useCase,
  input: useCase.useCase.input,
  output: compareRunsOutput,
  annotations: hints.read,
  untrusted: ['callSequence[].tool', 'tools', 'catalogChanges'],
  subject: ({ candidateRunId }) => candidateRunId,
  run: useCase,
});
