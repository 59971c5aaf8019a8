import type { CloseReason, SubjectKind } from '../../../domain/incident/incident.ts';
import type { IncidentView } from '../../../services/incident/view.ts';

export const subjectKindLabels: { [kind in SubjectKind]: string } = {
  monitor: 'Monitor',
  workflow: 'Workflow',
  server: 'Server',
  auth_profile: 'Auth profile',
  all_servers: 'Most servers',
  tool_change: 'Tool change',
  report: 'Report',
  budget: 'Budget',
  installation: 'Armature itself',
};

export const closeReasonLabels: { [reason in CloseReason]: string } = {
  recovered: 'Recovered',
  accepted: 'Accepted',
  paused: 'Paused',
  deleted: 'Deleted',
  changed: 'No longer tested',
};

/** What and where: "Monitor · Shop". */
export const describeSubject = ({ subject, serverName }: Pick<IncidentView, 'subject' | 'serverName'>): string =>
  [subjectKindLabels[subject.kind], subject.model, subject.kind === 'server' ? null : serverName]
    .filter(Boolean)
    .join(' · ');

/** Path of the subject's page below the workspace's path; null if it has none. */
export function subjectPath({ kind, monitorId, workflowId, serverId }: IncidentView['subject']): string | null {
  if (kind === 'monitor' && monitorId) return `monitors/${monitorId}`;
  if (kind === 'workflow' && workflowId) return `workflows/${workflowId}`;
  if (kind === 'budget') return 'settings/plan';
  return serverId ? `servers/${serverId}` : null;
}
