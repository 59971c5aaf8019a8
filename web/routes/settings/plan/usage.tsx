import { useParams } from 'react-router';
import type { Usage } from '../../../../services/usage/schema.ts';
import { useFormat } from '../../../shell/reader-provider.tsx';
import { TextLink } from '../../../ui/base/button.tsx';
import { Card } from '../../../ui/base/card.tsx';
import { DescriptionList } from '../../../ui/base/description-list.tsx';
import { type Column, DataTable } from '../../../ui/data/data-table.tsx';

const months = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
];

/** `December 2026` of `2026-12`, whatever the zone of the reader. */
export function monthName(month: string): string {
  const [year, number] = month.split('-');
  return `${months[Number(number) - 1] ?? month} ${year}`;
}

type Amount = Usage['months'][number];
const tokensOf = ({ testerTokens, judgeTokens }: Pick<Amount, 'testerTokens' | 'judgeTokens'>): number =>
  testerTokens + judgeTokens;

/** The month in a few figures, with the forecast of its end. */
export function UsageFigures({ usage }: { usage: Usage }) {
  const format = useFormat();
  const { total, forecast } = usage;
  return (
    <div className="space-y-3">
      <DescriptionList
        facts={[
          { term: 'Cost', value: format.cost(total.cost) },
          { term: 'Tokens of testers', value: format.number(total.testerTokens) },
          { term: 'Tokens of judges', value: format.number(total.judgeTokens) },
          { term: 'Runs', value: format.number(total.runs) },
          { term: 'Checks', value: format.number(total.checks) },
          ...(forecast
            ? [
                {
                  term: 'At this pace by the end of the month',
                  value: `${format.cost(forecast.cost)}, ${format.tokens(forecast.tokens)} tokens, ${format.count(forecast.runs, 'run')}`,
                },
              ]
            : []),
        ]}
      />
      {total.unpricedRuns > 0 ? (
        <p className="text-muted">
          {format.count(total.unpricedRuns, 'run')} used models without a known price: they are not part of the cost.
        </p>
      ) : null}
    </div>
  );
}

/** The last twelve months, each with a bar for its share of the largest. */
export function UsageMonths({ usage }: { usage: Usage }) {
  const format = useFormat();
  const top = Math.max(1, ...usage.months.map(tokensOf));
  return (
    <Card flush title="Months">
      <DataTable
        label="Usage by month"
        rows={usage.months.toReversed()}
        rowKey={({ month }) => month}
        columns={[
          { key: 'month', head: 'Month', phone: 'title', cell: ({ month }) => monthName(month) },
          {
            key: 'tokens',
            head: 'Tokens',
            unit: 'tokens',
            cell: (month) => (
              <>
                <span className="tabular-nums">{format.number(tokensOf(month))}</span>
                <span aria-hidden="true" className="mt-1 hidden h-2 w-full min-w-40 rounded-xs bg-sunken md:block">
                  <span
                    className="block h-2 rounded-xs bg-accent"
                    style={{ width: `${(tokensOf(month) / top) * 100}%` }}
                  />
                </span>
              </>
            ),
          },
          { key: 'cost', head: 'Cost', align: 'right', cell: ({ cost }) => format.cost(cost) },
          { key: 'runs', head: 'Runs', align: 'right', unit: 'runs', cell: ({ runs }) => format.number(runs) },
        ]}
      />
    </Card>
  );
}

/** The month by workflow, model and server. */
export function UsageTables({ usage }: { usage: Usage }) {
  const base = `/o/${useParams().org}`;
  return (
    <>
      <Breakdown
        of="workflow"
        rows={usage.workflows.map((row) => ({
          ...row,
          key: row.workflowId,
          name: <TextLink to={`${base}/workflows/${row.workflowId}`}>{row.name}</TextLink>,
        }))}
      />
      <Breakdown
        of="model"
        rows={usage.models.map((row) => ({
          ...row,
          key: row.model,
          name: <span className="font-mono text-xs break-all">{row.model}</span>,
        }))}
      />
      <Breakdown
        of="server"
        rows={usage.servers.map((row) => ({
          ...row,
          key: row.serverId,
          name: <TextLink to={`${base}/servers/${row.serverId}`}>{row.name}</TextLink>,
        }))}
      />
    </>
  );
}

type Row = Omit<Amount, 'month'> & { key: string; name: React.ReactNode; checks?: number };

function Breakdown({ of, rows }: { of: 'workflow' | 'model' | 'server'; rows: Row[] }) {
  const format = useFormat();
  const hasChecks = of === 'server';
  const checks: Column<Row> = {
    key: 'checks',
    head: 'Checks',
    align: 'right',
    unit: 'checks',
    cell: ({ checks = 0 }) => format.number(checks),
  };
  return (
    <Card flush title={`By ${of}`}>
      {rows.length === 0 ? (
        <p className="p-4 text-muted">Nothing was used in this month.</p>
      ) : (
        <DataTable
          label={`Usage by ${of}`}
          rows={rows}
          rowKey={({ key }) => key}
          columns={[
            {
              key: 'name',
              head: of.charAt(0).toUpperCase() + of.slice(1),
              phone: 'title',
              cell: ({ name }) => name,
            },
            { key: 'cost', head: 'Cost', align: 'right', cell: ({ cost }) => format.cost(cost) },
            {
              key: 'tester',
              head: 'Tester tokens',
              align: 'right',
              unit: 'tester tokens',
              cell: ({ testerTokens }) => format.number(testerTokens),
            },
            {
              key: 'judge',
              head: 'Judge tokens',
              align: 'right',
              unit: 'judge tokens',
              cell: ({ judgeTokens }) => format.number(judgeTokens),
            },
            { key: 'runs', head: 'Runs', align: 'right', unit: 'runs', cell: ({ runs }) => format.number(runs) },
            ...(hasChecks ? [checks] : []),
          ]}
        />
      )}
    </Card>
  );
}
