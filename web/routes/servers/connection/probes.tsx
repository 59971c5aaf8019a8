import { useFormat } from '../../../shell/reader-provider.tsx';
import { Card } from '../../../ui/base/card.tsx';
import { StatusChip } from '../../../ui/base/status-chip.tsx';
import { Time } from '../../../ui/base/time.tsx';
import { DataTable } from '../../../ui/data/data-table.tsx';

type Probe = {
  id: string;
  at: string;
  kind: string;
  ok: boolean;
  latencyMs: number;
  toolCount: number | null;
  error: string | null;
};

export function Probes({ probes }: { probes: Probe[] }) {
  const format = useFormat();
  return (
    <Card flush title="Probes and syncs">
      {probes.length === 0 ? (
        <p className="p-4 text-muted">None yet.</p>
      ) : (
        <DataTable
          label="Probes and syncs"
          rows={probes}
          rowKey={({ id }) => id}
          columns={[
            {
              key: 'outcome',
              head: 'Outcome',
              phone: 'status',
              cell: ({ ok }) =>
                ok ? <StatusChip status="pass">Answered</StatusChip> : <StatusChip status="fail">Failed</StatusChip>,
            },
            {
              key: 'kind',
              head: 'Kind',
              phone: 'title',
              cell: ({ kind, error }) => (
                <>
                  {kind === 'sync' ? 'Sync' : 'Probe'}
                  {error ? <span className="line-clamp-2 font-normal text-muted">{error}</span> : null}
                </>
              ),
            },
            {
              key: 'tools',
              head: 'Tools',
              align: 'right',
              unit: 'tools',
              cell: ({ toolCount }) => (toolCount === null ? null : format.number(toolCount)),
            },
            {
              key: 'latency',
              head: 'Latency',
              align: 'right',
              cell: ({ latencyMs }) => format.duration(latencyMs),
            },
            { key: 'at', head: 'When', align: 'right', cell: ({ at }) => <Time at={at} relative /> },
          ]}
        />
      )}
    </Card>
  );
}
