import { z } from 'zod';
import { listServers as useCase } from '../../../services/server/list.ts';
import { defineTool, hints } from '../tool.ts';

const problem = z.looseObject({ kind: z.string(), message: z.string(), remediation: z.string() });

export const listMcpServers = defineTool({
  name: 'list_mcp_servers',
  title: 'List MCP servers',
  description: [
    'Returns the MCP servers under test, newest first: id, name, address, status, protocol version, number of tools and workflows, last probe and its failure, when the catalog was last synced.',
    'Use it to find a serverId, or the servers that are unreachable. Wants no ids.',
    'Next: armature://mcp-servers/{id}/tool-catalog for the tools, armature://mcp-servers/{id}/coverage-report for what no workflow tests, sync_mcp_server_capabilities to refresh the catalog, list_workflows with the serverId.',
  ].join('\n'),
  useCase,
  input: useCase.useCase.input,
  output: z.object({
    servers: z.array(
      z.object({
        id: z.uuid(),
        name: z.string(),
        transport: z.string(),
        url: z.string().describe('Without query values.'),
        status: z.string().describe('unknown, reachable or unreachable'),
        protocolVersion: z.string().nullable(),
        serverName: z.string().nullable(),
        serverVersion: z.string().nullable(),
        hasResources: z.boolean(),
        latencyMs: z.number().nullable(),
        probedAt: z.iso.datetime().nullable(),
        probeError: problem.nullable().describe('Why the last probe failed; null after a good one.'),
        syncedAt: z.iso.datetime().nullable(),
        nextSyncAt: z.iso.datetime().nullable().describe('From when a sync is possible again.'),
        createdAt: z.iso.datetime(),
        archivedAt: z.iso.datetime().nullable(),
        toolCount: z.int(),
        workflowCount: z.int(),
      }),
    ),
    nextCursor: z.string().nullable().describe('Pass it as cursor for the next page; null at the end.'),
  }),
  annotations: hints.read,
  untrusted: ['servers[].serverName', 'servers[].serverVersion', 'servers[].probeError.message'],
  async run(ctx, args) {
    const { servers, nextCursor } = await useCase(ctx, args);
    return {
      servers: servers.map(
        ({ queryNames: _q, headerNames: _h, maxConcurrency: _m, authProfileCount: _a, probeError, ...server }) => ({
          ...server,
          // Written from a failure of infra/mcp-target alone.
          probeError: problem.nullable().parse(probeError),
        }),
      ),
      nextCursor,
    };
  },
});
