import type { McpTool } from './tool.ts';
import { applyWorkflowChange } from './tools/apply-workflow-change.ts';
import { compareRuns } from './tools/compare-runs.ts';
import { diagnoseRun } from './tools/diagnose-run.ts';
import { draftRegressionWorkflowFromRun } from './tools/draft-regression-workflow-from-run.ts';
import { getAuthoringGuide } from './tools/get-authoring-guide.ts';
import { getCoverageReport } from './tools/get-coverage-report.ts';
import { getMonitor } from './tools/get-monitor.ts';
import { getOrgHealth } from './tools/get-org-health.ts';
import { getProposal } from './tools/get-proposal.ts';
import { getRunArtifacts } from './tools/get-run-artifacts.ts';
import { getServerReport } from './tools/get-server-report.ts';
import { getToolCatalog } from './tools/get-tool-catalog.ts';
import { getWorkflow } from './tools/get-workflow.ts';
import { inspectRun } from './tools/inspect-run.ts';
import { listMcpServers } from './tools/list-mcp-servers.ts';
import { listWorkflows } from './tools/list-workflows.ts';
import { proposeWorkflowPatch } from './tools/propose-workflow-patch.ts';
import { runWorkflowNow } from './tools/run-workflow-now.ts';
import { searchRuns } from './tools/search-runs.ts';
import { syncMcpServerCapabilities } from './tools/sync-mcp-server-capabilities.ts';

const tools: readonly McpTool[] = [
  searchRuns,
  getWorkflow,
  getToolCatalog,
  getCoverageReport,
  getServerReport,
  getProposal,
  getMonitor,
  getRunArtifacts,
  getAuthoringGuide,
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
