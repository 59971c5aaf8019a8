import { getAuthoringGuideOutput, getAuthoringGuide as useCase } from '../../../services/workflow/reading/guide.ts';
import { defineTool, hints } from '../tool.ts';

export const getAuthoringGuide = defineTool({
  name: 'get_authoring_guide',
  title: 'Get the guide to writing workflows',
  description: [
    'Returns how to write a workflow: an overview, or one topic: assertions (criteria that code grades), steps (what the built-in tester carries out), definition (fields, limits, tool policy, schedules), models (with those that can be used). Costs 500 to 3,500 tokens.',
    'Use it before you write or change prompts and criteria. Without a model of a provider, steps and assertions are the only way to write a workflow.',
    'Next: get_tool_catalog for the tools to call; propose_workflow_patch with the definition.',
  ].join('\n'),
  useCase,
  input: useCase.useCase.input,
  output: getAuthoringGuideOutput,
  annotations: hints.read,
  untrusted: null,
  run: useCase,
});
