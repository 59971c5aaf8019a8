import { syncOutput, syncServer as useCase } from '../../../services/catalog/sync.ts';
import { defineTool } from '../tool.ts';

export const syncMcpServerCapabilities = defineTool({
  name: 'sync_mcp_server_capabilities',
  title: "Sync an MCP server's catalog",
  description: [
    'Lists the tools of the server now and returns what was added, removed and changed since the last sync of its catalog. Requires the role admin. Takes a serverId from list_mcp_servers.',
    'Use it when the catalog may be outdated: a run failed on a tool that is still in the catalog, or the server was just deployed. A server can be synced once in five minutes: sync_cooldown_active says when the next sync is possible.',
    'Next: get_tool_catalog for the new schemas; propose_workflow_patch for workflows that use removed tools.',
  ].join('\n'),
  useCase,
  input: useCase.useCase.input.pick({ serverId: true }),
  output: syncOutput,
  annotations: { readOnlyHint: false, destructiveHint: false, idempotentHint: true, openWorldHint: true },
  untrusted: ['added[]', 'removed[]', 'changed[]', 'changes[]'],
  run: (ctx, { serverId }) => useCase(ctx, { serverId }),
});
