import type { McpTool } from './tool.ts';
import { applyWorkflowChange } from './tools/apply-workflow-change.ts';
import { compareRuns } from './tools/compare-runs.ts';
import { diagnoseRun } from './tools/diagnose-run.ts';
import { draftRegressionWorkflowFromRun } from './tools/draft-regression-workflow-from-run.ts';
import { getOrgHealth } from './tools/get-org-health.ts';
import { inspectRun } from './tools/inspect-run.ts';
import { listMcpServers } from './tools/list-mcp-servers.ts';
import { listWorkflows } from './tools/list-workflows.ts';
import { proposeWorkflowPatch } from './tools/propose-workflow-patch.ts';
import { runWorkflowNow } from './tools/run-workflow-now.ts';
import { searchRuns } from './tools/search-runs.ts';
import { syncMcpServerCapabilities } from './tools/sync-mcp-server-capabilities.ts';

const tools: readonly McpTool[] = [
  searchRuns,
  inspectRun,
  diagnoseRun,
  getOrgHealth,
  listWorkflows,
  listMcpServers,
  compareRuns,
  proposeWorkflowPatch,
  draftRegressionWorkflowFromRun,
  applyWorkflowChange,
  runWorkflowNow,
  syncMcpServerCapabilities,
];

export const toolList = tools.map(({ listed }) => listed);
export const toolsByName: ReadonlyMap<string, McpTool> = new Map(tools.map((tool) => [tool.listed.name, tool]));
