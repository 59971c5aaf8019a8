import { isTerminal, type RunStatus, type Trigger, toShownStatus } from '../../../domain/run/run.ts';
import { useFormat } from '../../shell/reader-provider.tsx';
import { FlagChip, StatusChip } from '../../ui/base/status-chip.tsx';
import { Elapsed, Time } from '../../ui/base/time.tsx';
import { type Column, DataTable } from '../../ui/data/data-table.tsx';
import { triggerLabels } from './labels.ts';

type Run = {
  id: string;
  workflowId: string;
  workflowName: string;
  serverName: string;
  versionNumber: number;
  model: string;
  trigger: Trigger;
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
  const format = useFormat();
  const workflow: Column<Run> = {
    key: 'workflow',
    head: 'Workflow',
    phone: 'title',
    cell: ({ workflowName, serverName, error, status }) => (
      <>
        {workflowName}
        <span className="block font-normal text-muted">{serverName}</span>
        <Reason error={error} status={status} />
      </>
    ),
  };
  const model: Column<Run> = withWorkflow
    ? { key: 'model', head: 'Model', wide: true, cell: ({ model }) => model }
    : {
        key: 'model',
        head: 'Model',
        phone: 'title',
        cell: ({ model, error, status }) => (
          <>
            {model}
            <Reason error={error} status={status} />
          </>
        ),
      };
  return (
    <DataTable
      label="Runs"
      rows={runs}
      rowKey={({ id }) => id}
      to={({ id }) => `${base}/runs/${id}`}
      columns={[
        {
          key: 'status',
          head: 'Status',
          phone: 'status',
          cell: ({ status, error, flagged }) => (
            <span className="inline-flex items-center gap-1">
              <StatusChip status={toShownStatus(status, error?.kind)} />
              {flagged ? <FlagChip compact /> : null}
            </span>
          ),
        },
        ...(withWorkflow ? [workflow] : []),
        model,
        { key: 'trigger', head: 'Trigger', wide: true, cell: ({ trigger }) => triggerLabels[trigger] },
        {
          key: 'version',
          head: 'Version',
          align: 'right',
          wide: true,
          cell: ({ versionNumber }) => `v${versionNumber}`,
        },
        {
          key: 'calls',
          head: 'Calls',
          align: 'right',
          unit: 'calls',
          wide: true,
          cell: ({ callCount }) => format.number(callCount),
        },
        {
          key: 'duration',
          head: 'Duration',
          align: 'right',
          cell: ({ durationMs, status, createdAt }) =>
            durationMs !== null ? (
              format.duration(durationMs)
            ) : isTerminal(status) ? null : (
              <Elapsed since={createdAt} />
            ),
        },
        { key: 'started', head: 'Started', align: 'right', cell: ({ createdAt }) => <Time at={createdAt} relative /> },
      ]}
    />
  );
}

/** Why a run has ended in an error. Who canceled one knows. */
function Reason({ error, status }: Pick<Run, 'error' | 'status'>) {
  if (!error || toShownStatus(status, error.kind) === 'canceled') return null;
  return <span className="line-clamp-2 font-normal text-muted">{error.message}</span>;
}
