import type { IncidentCause, SubjectKind } from '../../../../../domain/incident/incident.ts';
import { summarize, toAlertMessage } from '../../../../../domain/notification/text.ts';

type Sample = { kind: SubjectKind; name: string; cause: IncidentCause };

function sampleFor(kind: string, name: string | null): Sample {
  switch (kind) {
    case 'workflow':
    case 'all_workflows':
      return {
        kind: 'workflow',
        name: name ?? 'Refund an order',
        cause: { outcome: 'fail', failingCriteria: ['calls `create_refund` exactly once'] },
      };
    case 'server':
    case 'all_servers':
      return {
        kind: 'server',
        name: name ?? 'Shop',
        cause: { outcome: 'unreachable', reason: 'no answer in time', message: 'No answer within 30 s.' },
      };
    case 'tool_changes':
      return {
        kind: 'tool_change',
        name: 'search_products',
        cause: { outcome: 'breaking_change', changes: ['Input `query`: type string → integer'] },
      };
    case 'report':
      return {
        kind: 'report',
        name: 'Shop',
        cause: { outcome: 'finding', changes: ['No text asks to hide something from people (search_products)'] },
      };
    case 'budget':
      return {
        kind: 'budget',
        name: 'the workspace',
        cause: { outcome: 'budget', message: '80 % of the monthly budget is used: $40 of $50.' },
      };
    case 'installation':
      return {
        kind: 'installation',
        name: 'Workers',
        cause: { outcome: 'worker', message: 'No worker is running, so nothing is tested.' },
      };
    default:
      return {
        kind: 'monitor',
        name: name ?? 'Search products',
        cause: { outcome: 'fail', message: 'the search index is being rebuilt' },
      };
  }
}

/** A notification as a rule would send it: its title and what it says went wrong. */
export function sampleMessage(target: { kind: string; name: string | null }): { title: string; lines: string[] } {
  const { kind, name, cause } = sampleFor(target.kind, target.name);
  return toAlertMessage({
    kind: 'opened',
    organization: { name: '', slug: '' },
    ruleName: '',
    level: kind === 'budget' ? 'warn' : 'bad',
    subject: { kind, name, model: null, serverId: null, monitorId: null, workflowId: null },
    serverName: kind === 'tool_change' ? (target.name ?? 'Shop') : null,
    incidentId: '',
    summary: summarize(kind, cause),
    cause,
    openedAt: new Date(0),
    closedAt: null,
    failureCount: 1,
  });
}
