import type { CloseReason, IncidentLevel, SubjectKind } from '../../../domain/incident/incident.ts';
import { useFormat } from '../../shell/reader-provider.tsx';
import { Badge } from '../../ui/base/badge.tsx';
import { TextLink } from '../../ui/base/button.tsx';
import type { Format } from '../../ui/base/format.ts';
import { Time } from '../../ui/base/time.tsx';
import { cellClass, Table } from '../../ui/data/table.tsx';

export type Incident = {
  id: string;
  subject: {
    kind: SubjectKind;
    name: string;
    model: string | null;
    tool: string | null;
    serverId: string | null;
    monitorId: string | null;
    workflowId: string | null;
  };
  serverName: string | null;
  level: IncidentLevel;
  summary: string;
  state: 'open' | 'closed';
  openedAt: string;
  lastFailedAt: string;
  closedAt: string | null;
  closeReason: CloseReason | null;
  failureCount: number;
  parentId: string | null;
};

export const subjectKindLabels: { [kind in SubjectKind]: string } = {
  monitor: 'Monitor',
  workflow: 'Workflow',
  server: 'Server',
  auth_profile: 'Auth profile',
  all_servers: 'Most servers',
  tool_change: 'Tool change',
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

export function IncidentBadge({ incident }: { incident: Pick<Incident, 'state' | 'level' | 'closeReason'> }) {
  if (incident.state === 'closed')
    return (
      <Badge tone={incident.closeReason === 'recovered' ? 'pass' : 'plain'}>
        {closeReasonLabels[incident.closeReason ?? 'recovered']}
      </Badge>
    );
  return incident.level === 'warn' ? <Badge tone="partial">Open · degraded</Badge> : <Badge tone="fail">Open</Badge>;
}

/** Path of the subject's page below the workspace's path; null if it has none. */
export function subjectPath({ kind, monitorId, workflowId, serverId }: Incident['subject']): string | null {
  if (kind === 'monitor' && monitorId) return `monitors/${monitorId}`;
  if (kind === 'workflow' && workflowId) return `workflows/${workflowId}`;
  if (kind === 'budget') return 'settings/plan';
  return serverId ? `servers/${serverId}` : null;
}

const formatLength = ({ openedAt, closedAt }: Incident, format: Format) =>
  closedAt ? format.duration(Math.max(0, new Date(closedAt).getTime() - new Date(openedAt).getTime())) : null;

/** @param base path of the workspace */
export function IncidentTable({ incidents, base, label }: { incidents: Incident[]; base: string; label: string }) {
  const format = useFormat();
  return (
    <Table label={label} head={['Incident', 'About', 'State', 'Opened', 'Lasted', 'Failures']}>
      {incidents.map((incident) => {
        const path = subjectPath(incident.subject);
        return (
          <tr key={incident.id} className="hover:bg-sunken/60">
            <td className={cellClass}>
              <TextLink
                to={`${base}/incidents/${incident.id}`}
                className="line-clamp-2 max-w-md font-medium [overflow-wrap:anywhere]"
              >
                {incident.summary}
              </TextLink>
              {incident.parentId ? (
                <p className="text-xs text-muted">
                  Part of <TextLink to={`${base}/incidents/${incident.parentId}`}>a larger incident</TextLink>
                </p>
              ) : null}
            </td>
            <td className={cellClass}>
              <p className="max-w-56 [overflow-wrap:anywhere]">
                {path ? <TextLink to={`${base}/${path}`}>{incident.subject.name}</TextLink> : incident.subject.name}
              </p>
              <p className="text-xs text-muted">
                {subjectKindLabels[incident.subject.kind]}
                {incident.subject.model ? `, ${incident.subject.model}` : ''}
                {incident.serverName && incident.subject.kind !== 'server' ? ` · ${incident.serverName}` : ''}
              </p>
            </td>
            <td className={cellClass}>
              <IncidentBadge incident={incident} />
            </td>
            <td className={cellClass}>
              <Time at={incident.openedAt} relative />
            </td>
            <td className={`${cellClass} whitespace-nowrap`}>{formatLength(incident, format) ?? 'Still open'}</td>
            <td className={`${cellClass} tabular-nums`}>{incident.failureCount}</td>
          </tr>
        );
      })}
    </Table>
  );
}

/** Lists the open incidents of one workflow or server; renders nothing if there are none. */
export function OpenIncidents({ incidents, base }: { incidents: Incident[]; base: string }) {
  if (incidents.length === 0) return null;
  return (
    <section aria-label="Open incidents" className="rounded-lg border border-fail/50 bg-surface px-4 py-3">
      <ul className="space-y-1">
        {incidents.map((incident) => (
          <li key={incident.id} className="flex flex-wrap items-baseline gap-x-3">
            <IncidentBadge incident={incident} />
            <TextLink to={`${base}/incidents/${incident.id}`} className="min-w-0 flex-1 [overflow-wrap:anywhere]">
              {incident.summary}
            </TextLink>
            <span className="text-muted">
              since <Time at={incident.openedAt} relative />
            </span>
          </li>
        ))}
      </ul>
    </section>
  );
}
