import { getReport as useCase } from '../../../services/report/get.ts';
import { reportOutput } from '../../../services/report/schema.ts';
import { defineTool, hints } from '../tool.ts';

export const getServerReport = defineTool({
  name: 'get_server_report',
  title: 'Get the report on a server',
  description: [
    'Returns how well a server keeps to MCP, how good its tools are for models, and whether they are safe: a score per area with the failed rules that took points, each finding with its rule, clause, what was on the wire and what to do, which clients can load the tools, and how the scores changed.',
    'Use it to decide what to improve in a server, or before its tools are given to an agent. Takes a serverId from list_mcp_servers; area and severity (must, should, advice) leave the rest out. at is null before the first sync.',
    'Next: correct what the findings name, then sync_mcp_server_capabilities, which makes the next report.',
  ].join('\n'),
  useCase,
  input: useCase.useCase.input,
  output: reportOutput,
  annotations: hints.read,
  untrusted: ['findings[].subject', 'findings[].message', 'findings[].wire', 'notRun[].reason'],
  subject: ({ serverId }) => serverId,
  run: useCase,
});
