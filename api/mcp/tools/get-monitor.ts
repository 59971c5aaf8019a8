import { describeMonitorOutput, describeMonitor as useCase } from '../../../services/monitor/reading/describe.ts';
import { defineTool, hints } from '../tool.ts';

export const getMonitor = defineTool({
  name: 'get_monitor',
  title: 'Get a tool monitor',
  description: [
    'Returns a tool monitor: what it calls, health, uptime, the latest error, its incident, and its checks, newest first. Costs some 500 tokens plus 100 per check.',
    'Use it to find out why a monitor fails. Takes a monitorId from get_org_health (failingMonitors, openIncidents).',
    'Next: get_tool_catalog with the serverId and the tool for its current schema; get_org_health for what else fails on the server.',
  ].join('\n'),
  useCase,
  input: useCase.useCase.input,
  output: describeMonitorOutput,
  annotations: hints.read,
  untrusted: [
    'monitor.tool',
    'monitor.arguments',
    'lastError.excerpt',
    'lastError.degradedBy[]',
    'incident.summary',
    'warnings[].message',
    'checks[].excerpt',
    'checks[].degradedBy[]',
  ],
  subject: ({ monitorId }) => monitorId,
  run: useCase,
});
