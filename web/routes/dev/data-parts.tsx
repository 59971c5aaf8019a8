import { useFormat } from '../../shell/reader-provider.tsx';
import { Card } from '../../ui/base/card.tsx';
import { type Status, StatusChip } from '../../ui/base/status-chip.tsx';
import { Time } from '../../ui/base/time.tsx';
import { RunStrip } from '../../ui/chart/run-strip.tsx';
import { DataTable } from '../../ui/data/data-table.tsx';
import { DiffView } from '../../ui/data/diff-view.tsx';
import { JsonTree } from '../../ui/data/json-tree.tsx';
import { FilterBar } from '../../ui/form/filter-bar.tsx';
import { allStatuses } from './base-parts.tsx';
import { before, longName, Part } from './part.tsx';

type Row = {
  id: string;
  status: Status;
  name: string;
  calls: number;
  at: string;
};

const manyOptions = Array.from({ length: 30 }, (_, index) => ({ value: `w${index}`, text: `Workflow ${index + 1}` }));

export function DataParts({ now }: { now: string }) {
  const format = useFormat();
  const rows: Row[] = allStatuses.map((status, index) => ({
    id: status,
    status,
    name: index === 1 ? longName : `Buy a mug and read the order back, variant ${index + 1}`,
    calls: index * 731,
    at: before(now, index * 47),
  }));
  return (
    <Part title="Lists">
      <FilterBar
        filters={[
          { kind: 'search', name: 'search', label: 'Search', placeholder: 'Name' },
          {
            kind: 'select',
            name: 'status',
            label: 'Status',
            options: [
              { value: 'pass', text: 'Pass' },
              { value: 'fail', text: 'Fail' },
            ],
          },
          { kind: 'choice', name: 'workflow', label: 'Workflow', options: manyOptions },
          { kind: 'date', name: 'day', label: 'Day' },
          { kind: 'flag', name: 'flagged', label: 'Called a blocked tool' },
        ]}
      />
      <Card flush>
        <DataTable
          label="Runs"
          rows={rows}
          rowKey={({ id }) => id}
          to={({ id }) => `/dev/ui?run=${id}`}
          columns={[
            { key: 'status', head: 'Status', phone: 'status', cell: ({ status }) => <StatusChip status={status} /> },
            { key: 'name', head: 'Workflow', phone: 'title', sortable: true, cell: ({ name }) => name },
            {
              key: 'strip',
              phone: 'none',
              head: 'Last 20',
              cell: () => <RunStrip label="Last 20 runs" runs={allStatuses.map((status) => ({ status }))} size={20} />,
            },
            {
              key: 'calls',
              head: 'Calls',
              align: 'right',
              unit: 'calls',
              sortable: true,
              cell: ({ calls }) => format.number(calls),
            },
            { key: 'at', head: 'Started', align: 'right', cell: ({ at }) => <Time at={at} relative /> },
          ]}
        />
      </Card>
      <DiffView
        label="Prompt"
        lines={[
          { op: 'same', text: 'Find the mug.' },
          { op: 'removed', text: 'Order it.' },
          { op: 'added', text: `Order it once, and read ${longName}.` },
        ]}
      />
      <JsonTree
        label="Result of call 3"
        value={{ order: { id: 12, lines: [{ sku: 'MUG-001', quantity: 1 }], note: null }, text: longName, empty: {} }}
      />
    </Part>
  );
}
