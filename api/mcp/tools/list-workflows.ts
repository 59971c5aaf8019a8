import { fitPage } from '../../../services/context/pagination.ts';
import { listWorkflowsOutput, listWorkflows as useCase } from '../../../services/workflow/reading/list.ts';
import { defineTool, hints } from '../tool.ts';

export const listWorkflows = defineTool({
  name: 'list_workflows',
  title: 'List workflows',
  description: [
    'Returns the workflows of the workspace, newest first: id, name, server, state, schedule, active version id, pass rate over 7 days and last run.',
    'Use it to find a workflow by name or server, or those whose last run failed (status "fail"). Takes no required ids; serverId comes from list_mcp_servers.',
    'Next: search_runs with a workflowId; run_workflow_now; get_workflow for the definition; propose_workflow_patch with workflowId and activeVersionId as baseVersionId.',
  ].join('\n'),
  useCase,
  input: useCase.useCase.input,
  output: listWorkflowsOutput,
  annotations: hints.read,
  untrusted: [],
  subject: ({ serverId }) => serverId,
  async run(ctx, args) {
    const { workflows, nextCursor } = await useCase(ctx, args);
    const page = fitPage({ entries: workflows, nextCursor }, ({ createdAt, id }) => ({
      createdAt: new Date(createdAt),
      id,
    }));
    return { workflows: page.entries, nextCursor: page.nextCursor };
  },
});
