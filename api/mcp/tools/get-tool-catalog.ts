import { getCatalogOutput, getCatalog as useCase } from '../../../services/catalog/get.ts';
import { defineTool, hints } from '../tool.ts';

export const getToolCatalog = defineTool({
  name: 'get_tool_catalog',
  title: 'Get the tools of a server',
  description: [
    'Returns tools of a server with descriptions, schemas and annotations, why some can not be used, and the latest changes of tools. Costs up to 25,000 tokens a page for all tools, so name the tools that you need; one tool alone has its whole schema. With at: the tools as a run saw them then.',
    'Use it for the arguments of a tool, or to see what changed. Takes a serverId from list_mcp_servers.',
    'Next: propose_workflow_patch; get_coverage_report for what no workflow tests; sync_mcp_server_capabilities if the catalog is outdated.',
  ].join('\n'),
  useCase,
  input: useCase.useCase.input,
  output: getCatalogOutput,
  annotations: hints.read,
  untrusted: ['tools[]', 'changes[]', 'report.unusable[]', 'report.warnings[]'],
  subject: ({ serverId }) => serverId,
  run: useCase,
});
