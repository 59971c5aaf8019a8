import type { IncidentView } from '../../../services/incident/view.ts';
import { useFormat } from '../../shell/reader-provider.tsx';
import { CodeText } from '../../ui/base/code-text.tsx';
import { StateLabel } from '../../ui/base/status-chip.tsx';
import { Time } from '../../ui/base/time.tsx';
import { DataTable } from '../../ui/data/data-table.tsx';
import { toPageText } from '../../ui/page/page-text.ts';
import { describeSubject } from './labels.ts';
import { IncidentLength, IncidentStatus } from './status.tsx';

/** @param props.base path of the workspace @param props.isOneSubject the page says which. @default false */
export function IncidentTable({
  incidents,
  base,
  label,
  isOneSubject = false,
}: {
  incidents: IncidentView[];
  base: string;
  label: string;
  isOneSubject?: boolean;
}) {
  const format = useFormat();
  return (
    <DataTable
      label={label}
      rows={incidents}
      rowKey={({ id }) => id}
      to={({ id }) => `${base}/incidents/${id}`}
      columns={[
        { key: 'status', head: 'Status', phone: 'status', cell: (incident) => <IncidentStatus incident={incident} /> },
        {
          key: 'incident',
          head: 'Incident',
          phone: 'title',
          cell: (incident) =>
            isOneSubject ? (
              <Summary incident={incident} />
            ) : (
              <>
                {incident.subject.name}{' '}
                <span className="font-normal text-muted text-xs">{describeSubject(incident)}</span>
                <Summary incident={incident} />
              </>
            ),
        },
        {
          key: 'handling',
          head: 'Handled by',
          wide: true,
          cell: ({ assignee, acknowledgedAt, parentId }) =>
            assignee ? (
              (assignee.name ?? 'A former member')
            ) : acknowledgedAt ? (
              <StateLabel>Acknowledged</StateLabel>
            ) : parentId ? (
              <span className="text-muted">Part of a larger one</span>
            ) : null,
        },
        {
          key: 'failures',
          head: 'Failures',
          align: 'right',
          phone: 'none',
          wide: true,
          cell: ({ failureCount }) => format.number(failureCount),
        },
        {
          key: 'lasted',
          head: 'Duration',
          align: 'right',
          cell: (incident) => (incident.closedAt === null ? null : <IncidentLength incident={incident} />),
        },
        { key: 'opened', head: 'Opened', align: 'right', cell: ({ openedAt }) => <Time at={openedAt} relative /> },
      ]}
    />
  );
}

function Summary({ incident: { summary } }: { incident: IncidentView }) {
  return (
    <span className="line-clamp-1 font-normal text-muted">
      <CodeText text={toPageText(summary)} />
    </span>
  );
}
