import { useFormat } from '../../../shell/reader-provider.tsx';
import { Card } from '../../../ui/base/card.tsx';
import { Notice } from '../../../ui/base/notice.tsx';
import { StateLabel } from '../../../ui/base/status-chip.tsx';
import { DataTable } from '../../../ui/data/data-table.tsx';
import { changeLabels } from '../labels.ts';

type Change = { tool: string; kind: string; breaking: boolean; key: string };

/** What a version would change for callers of the active one. */
export function Changes({ changes }: { changes: { rows: Change[]; count: number; breaking: number } }) {
  const format = useFormat();
  const { rows, count, breaking } = changes;
  if (count === 0) return <Notice>Nothing changes for callers: the tools are the same.</Notice>;
  return (
    <>
      {breaking > 0 ? (
        <Notice tone="warning" title={`${format.count(breaking, 'breaking change')}`}>
          Agents and tests that use these tools will fail, unless they follow.
        </Notice>
      ) : null}
      <Card flush title={`Changes to the active version: ${format.number(count)}`}>
        <DataTable
          label="Changes to the active version"
          rows={rows}
          rowKey={({ tool, kind }) => `${tool} ${kind}`}
          columns={[
            {
              key: 'tool',
              head: 'Tool',
              phone: 'title',
              cell: ({ tool, key }) => (
                <>
                  {tool}
                  <span className="block text-muted text-xs">{key}</span>
                </>
              ),
            },
            { key: 'change', head: 'Change', cell: ({ kind }) => changeLabels[kind] ?? kind },
            {
              key: 'effect',
              head: 'Effect',
              phone: 'status',
              cell: ({ breaking }) => (breaking ? <StateLabel>Breaking</StateLabel> : 'Compatible'),
            },
          ]}
        />
        {count > rows.length ? (
          <p className="border-t border-line px-4 py-3 text-muted">{format.number(count - rows.length)} more.</p>
        ) : null}
      </Card>
    </>
  );
}
