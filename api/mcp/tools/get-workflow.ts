import { describeWorkflowOutput, describeWorkflow as useCase } from '../../../services/workflow/reading/describe.ts';
import { defineTool, hints } from '../tool.ts';

export const getWorkflow = defineTool({
  name: 'get_workflow',
  title: 'Get a workflow',
  description: [
    'Returns a workflow: the definition of its active version or of versionId, its versions, schedule, next fire times, warnings and recent runs. Costs some 1,000 tokens plus prompt and criteria.',
    'Use it before you change a workflow. Takes a workflowId from list_workflows.',
    'Next: propose_workflow_patch with activeVersionId as baseVersionId; get_authoring_guide for how to write steps and assertions.',
  ].join('\n'),
  useCase,
  input: useCase.useCase.input,
  output: describeWorkflowOutput,
  annotations: hints.read,
  untrusted: ['warnings[].message'],
  subject: ({ workflowId }) => workflowId,
  run: useCase,
});
