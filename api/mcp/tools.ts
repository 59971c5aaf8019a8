import type { McpTool } from './tool.ts';
import { listMcpServers } from './tools/list-mcp-servers.ts';
import { listWorkflows } from './tools/list-workflows.ts';
import { syncMcpServerCapabilities } from './tools/sync-mcp-server-capabilities.ts';

export const tools: readonly McpTool[] = [listWorkflows, listMcpServers, syncMcpServerCapabilities];

export const toolList = tools.map(({ listed }) => listed);
export const toolsByName: ReadonlyMap<string, McpTool> = new Map(tools.map((tool) => [tool.listed.name, tool]));
