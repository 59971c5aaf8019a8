import { serverSummaries, toServerSummary, listServers as useCase } from '../../../services/server/list.ts';
import { defineTool, hints } from '../tool.ts';

export const listMcpServers = defineTool({
  name: 'list_mcp_servers',
  title: 'List MCP servers',
  description: [
    'Returns the MCP servers under test, newest first: id, name, URL, status, protocol version, number of tools and workflows, last probe and its failure, time of the last catalog sync.',
    'Use it to find a serverId, or the servers that are unreachable. Takes no ids.',
    'Next: armature://mcp-servers/{id}/tool-catalog for the tools, armature://mcp-servers/{id}/coverage-report for what no workflow tests, sync_mcp_server_capabilities to refresh the catalog, list_workflows with the serverId.',
  ].join('\n'),
  useCase,
  input: useCase.useCase.input,
  output: serverSummaries,
  annotations: hints.read,
  untrusted: ['servers[].serverName', 'servers[].serverVersion', 'servers[].probeError.message'],
  async run(ctx, args) {
    const { servers, nextCursor } = await useCase(ctx, args);
    return { servers: servers.map(toServerSummary), nextCursor };
  },
});
