import { fitPage } from '../../../services/context/pagination.ts';
import { serverSummaries, toServerSummary, listServers as useCase } from '../../../services/server/reading/list.ts';
import { defineTool, hints } from '../tool.ts';

export const listMcpServers = defineTool({
  name: 'list_mcp_servers',
  title: 'List MCP servers',
  description: [
    'Returns the MCP servers under test, newest first: id, name, URL, status, protocol version, number of tools and workflows, last probe and its failure, time of the last catalog sync.',
    'Use it to find a serverId, or the servers that are unreachable. Takes no ids.',
    'Next: get_tool_catalog for the tools, get_coverage_report for what no workflow tests, sync_mcp_server_capabilities to refresh the catalog, list_workflows with the serverId.',
  ].join('\n'),
  useCase,
  input: useCase.useCase.input,
  output: serverSummaries,
  annotations: hints.read,
  untrusted: [
    'servers[].serverName',
    'servers[].serverVersion',
    'servers[].probeError.message',
    'servers[].catalog.unusable[]',
    'servers[].catalog.warnings[]',
  ],
  async run(ctx, args) {
    const { servers, nextCursor } = await useCase(ctx, args);
    const page = fitPage({ entries: servers.map(toServerSummary), nextCursor }, ({ createdAt, id }) => ({
      createdAt: new Date(createdAt),
      id,
    }));
    return { servers: page.entries, nextCursor: page.nextCursor };
  },
});
