import { useFormat } from '../../../shell/reader-provider.tsx';
import { Card } from '../../../ui/base/card.tsx';
import { DataTable } from '../../../ui/data/data-table.tsx';
import type { Comparison } from './page.tsx';

type Delta = { before: number | null; after: number | null; delta: number | null };
type Row = { name: string; value: Delta; show: (value: number | null) => string };

/** Latency, tokens and cost, where they differ. */
export function Figures({ comparison: { latency, tokens, cost } }: { comparison: Comparison }) {
  const format = useFormat();
  const all: { name: string; value: Delta | undefined; show: Row['show'] }[] = [
    { name: 'Duration', value: latency.durationMs, show: format.duration },
    { name: 'Mean latency of calls', value: latency.meanCallMs, show: format.duration },
    { name: 'Input tokens', value: tokens.input, show: format.number },
    { name: 'Output tokens', value: tokens.output, show: format.number },
    { name: 'Tokens of the judge', value: tokens.judge, show: format.number },
    { name: 'Cost', value: cost, show: format.cost },
  ];
  const rows: Row[] = all.flatMap(({ name, value, show }) => (value ? [{ name, value, show }] : []));
  return (
    <Card flush={rows.length > 0} title="Latency, tokens and cost">
      {rows.length === 0 ? (
        <p className="text-muted">The same in both runs.</p>
      ) : (
        <DataTable
          label="Latency, tokens and cost"
          compact
          rows={rows}
          rowKey={({ name }) => name}
          columns={[
            { key: 'name', head: 'Figure', phone: 'title', cell: ({ name }) => name },
            {
              key: 'before',
              head: 'Before',
              align: 'right',
              unit: 'before',
              cell: (row) => row.show(row.value.before),
            },
            { key: 'after', head: 'After', align: 'right', unit: 'after', cell: (row) => row.show(row.value.after) },
            {
              key: 'delta',
              head: 'Change',
              align: 'right',
              unit: 'change',
              cell: ({ value: { delta }, show }) =>
                delta === null ? null : `${delta > 0 ? '+' : '−'}${show(Math.abs(delta))}`,
            },
          ]}
        />
      )}
    </Card>
  );
}
