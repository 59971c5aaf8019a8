import { useParams } from 'react-router';
import type { Usage } from '../../../../services/usage/schema.ts';
import { useFormat } from '../../../shell/reader-provider.tsx';
import { TextLink } from '../../../ui/base/button.tsx';
import { Card } from '../../../ui/base/card.tsx';
import { DescriptionList } from '../../../ui/base/description-list.tsx';
import { cellClass, Table } from '../../../ui/data/table.tsx';

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
const numberClass = `${cellClass} text-right tabular-nums whitespace-nowrap`;

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
      <Table label="Usage by month" head={['Month', 'Tokens', 'Cost', 'Runs']}>
        {usage.months.toReversed().map((month) => (
          <tr key={month.month}>
            <th scope="row" className={`${cellClass} text-left font-normal whitespace-nowrap`}>
              {monthName(month.month)}
            </th>
            <td className={`${cellClass} w-full min-w-40`}>
              <span className="tabular-nums">{format.number(tokensOf(month))}</span>
              <span aria-hidden="true" className="mt-1 block h-2 rounded-xs bg-sunken">
                <span
                  className="block h-2 rounded-xs bg-accent"
                  style={{ width: `${(tokensOf(month) / top) * 100}%` }}
                />
              </span>
            </td>
            <td className={numberClass}>{format.cost(month.cost)}</td>
            <td className={numberClass}>{format.number(month.runs)}</td>
          </tr>
        ))}
      </Table>
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
  return (
    <Card flush title={`By ${of}`}>
      {rows.length === 0 ? (
        <p className="p-4 text-muted">Nothing was used in this month.</p>
      ) : (
        <Table
          label={`Usage by ${of}`}
          head={[
            of.charAt(0).toUpperCase() + of.slice(1),
            'Cost',
            'Tester tokens',
            'Judge tokens',
            'Runs',
            ...(hasChecks ? ['Checks'] : []),
          ]}
        >
          {rows.map((row) => (
            <tr key={row.key}>
              <td className={`${cellClass} w-full min-w-40 [overflow-wrap:anywhere]`}>{row.name}</td>
              <td className={numberClass}>{format.cost(row.cost)}</td>
              <td className={numberClass}>{format.number(row.testerTokens)}</td>
              <td className={numberClass}>{format.number(row.judgeTokens)}</td>
              <td className={numberClass}>{format.number(row.runs)}</td>
              {hasChecks ? <td className={numberClass}>{format.number(row.checks ?? 0)}</td> : null}
            </tr>
          ))}
        </Table>
      )}
    </Card>
  );
}
