import { getCoverageOutput, getCoverage as useCase } from '../../../services/coverage/get.ts';
import { defineTool, hints } from '../tool.ts';

export const getCoverageReport = defineTool({
  name: 'get_coverage_report',
  title: 'Get the coverage of a server',
  description: [
    'Returns which tools of a server its workflows exercise and how, and the gaps: tools that no workflow tests. From the 50 latest finished runs and at most 100 tools. Costs some 100 tokens per tool.',
    'Use it to decide what to test next. Takes a serverId from list_mcp_servers.',
    'Next: get_tool_catalog for the schemas of the gaps; propose_workflow_patch with a serverId and a definition.',
  ].join('\n'),
  useCase,
  input: useCase.useCase.input,
  output: getCoverageOutput,
  annotations: hints.read,
  untrusted: ['tools[].tool', 'tools[].title', 'tools[].description', 'gaps[]'],
  subject: ({ serverId }) => serverId,
  run: useCase,
});
