import { getOrgHealthOutput, getOrgHealth as useCase } from '../../../services/organization/health.ts';
import { defineTool, hints } from '../tool.ts';

export const getOrgHealth = defineTool({
  name: 'get_org_health',
  title: 'Get the health of the workspace',
  description: [
    'Returns the health of the workspace over 24 hours, 7 days or 30 days: counts and pass rates by workflow and server, failing workflows, failing tool monitors and open incidents, stale or unreachable servers, coverage, proposals that expire soon, and whether scheduler and workers are up.',
    'Use it to decide where to start, or to report. Takes no ids.',
    'Next: search_runs with the workflowId or serverId that does badly; list_mcp_servers for servers that are unreachable; get_monitor for a failing monitor; get_coverage_report for low coverage.',
  ].join('\n'),
  useCase,
  input: useCase.useCase.input,
  output: getOrgHealthOutput,
  annotations: hints.read,
  untrusted: ['failingMonitors[].tool', 'failingMonitors[].error', 'openIncidents[].summary', 'openIncidents[].tool'],
  run: useCase,
});
