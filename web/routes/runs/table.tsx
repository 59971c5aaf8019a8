import { isTerminal, type RunStatus } from '../../../domain/run/run.ts';
import { FlagBadge, StatusBadge } from '../../ui/badge.tsx';
import { TextLink } from '../../ui/button.tsx';
import { cellClass, Table } from '../../ui/table.tsx';
import { duration, Time } from '../../ui/time.tsx';

type Run = {
  id: string;
  workflowId: string;
  workflowName: string;
  serverName: string;
  versionNumber: number;
  model: string;
  trigger: string;
  status: RunStatus;
  flagged: boolean;
  error: { kind: string; message: string } | null;
  callCount: number;
  cost: number | null;
  createdAt: string;
  durationMs: number | null;
};

/** @param base path of the workspace */
export function RunTable({ runs, base, withWorkflow = true }: { runs: Run[]; base: string; withWorkflow?: boolean }) {
  return (
    <Table
      label="Runs"
      head={[
        'Status',
        ...(withWorkflow ? ['Workflow'] : []),
        'Model',
        'Trigger',
        'Version',
        'Calls',
        'Duration',
        'Started',
      ]}
    >
      {runs.map((run) => (
        <tr key={run.id} className="hover:bg-sunken/60">
          <td className={cellClass}>
            <TextLink
              to={`${base}/runs/${run.id}`}
              aria-label={`Run of ${run.workflowName}: ${run.status}`}
              className="no-underline!"
            >
              <StatusBadge status={run.status} />
            </TextLink>
            {run.flagged ? (
              <p className="mt-1">
                <FlagBadge />
              </p>
            ) : null}
            {run.error ? (
              <p className="mt-1 line-clamp-2 max-w-xs break-words text-muted">{run.error.message}</p>
            ) : null}
          </td>
          {withWorkflow ? (
            <td className={cellClass}>
              <TextLink to={`${base}/runs/${run.id}`}>{run.workflowName}</TextLink>
              <p className="text-muted">{run.serverName}</p>
            </td>
          ) : null}
          <td className={`${cellClass} break-words`}>{run.model}</td>
          <td className={cellClass}>{run.trigger === 'scheduled' ? 'Schedule' : 'Manual'}</td>
          <td className={`${cellClass} tabular-nums`}>{run.versionNumber}</td>
          <td className={`${cellClass} tabular-nums`}>{run.callCount}</td>
          <td className={`${cellClass} whitespace-nowrap tabular-nums`}>
            {run.durationMs === null ? (isTerminal(run.status) ? '–' : 'In progress') : duration(run.durationMs)}
          </td>
          <td className={cellClass}>
            <Time at={run.createdAt} relative />
          </td>
        </tr>
      ))}
    </Table>
  );
}
