import { useLoaderData } from 'react-router';
import { getProductUsage } from '../../../services/product-mcp/usage/get.ts';
import { useFormat } from '../../shell/reader-provider.tsx';
import { memberLoader } from '../../shell/route.server.ts';
import { Card } from '../../ui/base/card.tsx';
import { EmptyState } from '../../ui/base/empty-state.tsx';
import { Code } from '../../ui/base/text.tsx';
import { DataTable } from '../../ui/data/data-table.tsx';

const maxRows = 100;

export const loader = memberLoader(async ({ ctx, params }) => {
  const { tools, mistakes } = await getProductUsage(ctx, { productMcpId: params.productMcpId ?? '', days: 7 });
  return { tools: tools.slice(0, maxRows), mistakes: mistakes.slice(0, 20) };
});

export default function Usage() {
  const { tools, mistakes } = useLoaderData<typeof loader>();
  const format = useFormat();
  if (tools.length === 0)
    return (
      <EmptyState title="No calls in the last 7 days">
        Calls are counted per tool and hour. Arguments and answers are not kept.
      </EmptyState>
    );
  return (
    <>
      <Card flush title="Calls of the last 7 days">
        <DataTable
          label="Calls of the last 7 days"
          rows={tools}
          rowKey={({ tool }) => tool}
          columns={[
            {
              key: 'tool',
              head: 'Tool',
              phone: 'title',
              cell: ({ tool }) => <span className="[overflow-wrap:anywhere]">{tool}</span>,
            },
            { key: 'calls', head: 'Calls', align: 'right', unit: 'calls', cell: ({ calls }) => format.number(calls) },
            {
              key: 'succeeded',
              head: 'Succeeded',
              align: 'right',
              phone: 'none',
              cell: ({ succeeded }) => format.number(succeeded),
            },
            {
              key: 'invalid',
              head: 'Wrong arguments',
              align: 'right',
              unit: 'with wrong arguments',
              cell: ({ invalidArguments }) => format.number(invalidArguments),
            },
            {
              key: 'refused',
              head: 'Refused by the API',
              align: 'right',
              phone: 'none',
              cell: ({ unauthorized, rejected }) => format.number(unauthorized + rejected),
            },
            {
              key: 'failed',
              head: 'Failed',
              align: 'right',
              unit: 'failed',
              cell: ({ failed }) => format.number(failed),
            },
            {
              key: 'average',
              head: 'Average',
              align: 'right',
              phone: 'none',
              cell: ({ averageMs }) => format.duration(averageMs),
            },
            { key: 'max', head: 'Slowest', align: 'right', phone: 'none', cell: ({ maxMs }) => format.duration(maxMs) },
          ]}
        />
      </Card>
      {mistakes.length > 0 ? (
        <Card flush title="Arguments that models get wrong most">
          <DataTable
            label="Arguments that models get wrong most"
            rows={mistakes}
            rowKey={({ tool, path, rule }) => `${tool} ${path} ${rule}`}
            columns={[
              { key: 'tool', head: 'Tool', phone: 'title', cell: ({ tool }) => tool },
              {
                key: 'argument',
                head: 'Argument',
                cell: ({ path }) => (path ? <Code>{path}</Code> : null),
              },
              { key: 'times', head: 'Times', align: 'right', unit: 'times', cell: ({ count }) => format.number(count) },
              { key: 'help', head: 'What would help', cell: ({ proposal }) => proposal },
            ]}
          />
        </Card>
      ) : null}
    </>
  );
}
