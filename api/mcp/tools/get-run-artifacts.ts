import { getRunArtifactsOutput, getRunArtifacts as useCase } from '../../../services/run/reading/artifacts.ts';
import { defineTool, hints } from '../tool.ts';

export const getRunArtifacts = defineTool({
  name: 'get_run_artifacts',
  title: 'Get the artifacts of a run',
  description: [
    'Returns what a run produced, in pages: final answer, the transcript of its agent turn by turn, and what the judge was asked and answered, long texts cut. Costs at most 25,000 tokens; a run with assertions only and short results some 1,000.',
    'Use it when a verdict of the judge looks wrong. Takes a runId from search_runs. For the whole of what was asked about one criterion, pass its position, then nextOffset as offset.',
    'Next: inspect_run for the calls; propose_workflow_patch if a criterion is unclear.',
  ].join('\n'),
  useCase,
  input: useCase.useCase.input,
  output: getRunArtifactsOutput,
  annotations: hints.read,
  untrusted: ['finalAnswer', 'transcript[]', 'judge[]', 'part.text'],
  subject: ({ runId }) => runId,
  run: useCase,
});
