import { z } from 'zod';
import { syncServer as useCase } from '../../../services/catalog/sync.ts';
import { defineTool } from '../tool.ts';

export const syncMcpServerCapabilities = defineTool({
  name: 'sync_mcp_server_capabilities',
  title: "Sync an MCP server's catalog",
  description: [
    'Asks the server for its tools now and returns what was added, removed and changed since the catalog was last refreshed. Needs the role admin. Wants a serverId from list_mcp_servers.',
    'Use it when the catalog may be behind: a run failed on a tool that the catalog still has, or the server was just deployed. At most one sync of a server in five minutes: sync_cooldown_active says when the next is possible.',
    'Next: armature://mcp-servers/{id}/tool-catalog for the new schemas; propose_workflow_patch for the workflows that name what is gone.',
  ].join('\n'),
  useCase,
  input: useCase.useCase.input.pick({ serverId: true }),
  output: z.object({
    serverId: z.uuid(),
    toolCount: z.int(),
    added: z.array(z.string()),
    removed: z.array(z.string()),
    changed: z.array(z.string()).describe('Names of tools that are there as before but differ.'),
    changes: z
      .array(z.looseObject({ tool: z.string(), kind: z.string(), breaking: z.boolean() }))
      .describe('Each change, field by field, and whether it breaks callers.'),
  }),
  annotations: { readOnlyHint: false, destructiveHint: false, idempotentHint: true, openWorldHint: true },
  untrusted: ['added[]', 'removed[]', 'changed[]', 'changes[]'],
  run: (ctx, { serverId }) => useCase(ctx, { serverId }),
});
