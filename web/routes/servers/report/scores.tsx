import type { ReportView } from '../../../../services/report/schema.ts';
import { useFormat } from '../../../shell/reader-provider.tsx';
import { Card } from '../../../ui/base/card.tsx';
import { Time } from '../../../ui/base/time.tsx';
import { DataTable } from '../../../ui/data/data-table.tsx';
import { areaLabels } from './labels.ts';

/** The score of each area, with what took points from it. */
export function Scores({ scores }: { scores: ReportView['scores'] }) {
  return (
    <div className="grid gap-4 lg:grid-cols-3">
      {scores.map(({ area, score, movers, passed, failed, notApplicable, couldNotRun }) => (
        <Card key={area} title={areaLabels[area]} aside={<Score score={score} />}>
          <p className="text-sm text-muted">
            {passed} passed, {failed} failed, {notApplicable} not applicable
            {couldNotRun > 0 ? `, ${couldNotRun} could not be run` : ''}
          </p>
          {movers.length > 0 ? (
            <ul className="mt-2 space-y-1 text-sm">
              {movers.slice(0, 6).map(({ rule, title, points }) => (
                <li key={rule} className="flex gap-2">
                  <span className="w-8 shrink-0 text-right tabular-nums text-muted">−{points}</span>
                  <span className="min-w-0 [overflow-wrap:anywhere]">{title}</span>
                </li>
              ))}
              {movers.length > 6 ? <li className="text-muted">and {movers.length - 6} more</li> : null}
            </ul>
          ) : null}
        </Card>
      ))}
    </div>
  );
}

function Score({ score }: { score: number | null }) {
  const { number } = useFormat();
  return (
    <span className="text-sm text-muted">
      <strong className="text-lg text-ink tabular-nums">{score === null ? '–' : number(score)}</strong>
      {score === null ? ' not scored' : ' of 100'}
    </span>
  );
}

export function Clients({ clients }: { clients: ReportView['clients'] }) {
  if (clients.length === 0) return null;
  return (
    <Card flush title="Which clients load the tools">
      <DataTable
        label="Which clients load the tools"
        rows={clients}
        rowKey={({ client }) => client}
        columns={[
          { key: 'client', head: 'Client', phone: 'title', cell: ({ client }) => client },
          {
            key: 'loads',
            head: 'Loads',
            cell: ({ loads, of }) => (loads === of ? 'All tools' : `${loads} of ${of} tools`),
          },
        ]}
      />
    </Card>
  );
}

export function History({ history }: { history: ReportView['history'] }) {
  const { number } = useFormat();
  const shown = (score: number | null) => (score === null ? '–' : number(score));
  return (
    <Card flush title="History">
      <DataTable
        label="Scores over time"
        rows={history}
        rowKey={({ at }) => at}
        columns={[
          { key: 'at', head: 'Changed', phone: 'title', cell: ({ at }) => <Time at={at} relative /> },
          {
            key: 'conformance',
            head: 'Conformance',
            align: 'right',
            unit: 'conformance',
            cell: (row) => shown(row.conformance),
          },
          { key: 'quality', head: 'Quality', align: 'right', unit: 'quality', cell: (row) => shown(row.quality) },
          { key: 'safety', head: 'Safety', align: 'right', unit: 'safety', cell: (row) => shown(row.safety) },
          { key: 'must', head: 'Must', align: 'right', unit: 'must', cell: ({ must }) => number(must) },
          { key: 'should', head: 'Should', align: 'right', unit: 'should', cell: ({ should }) => number(should) },
        ]}
      />
    </Card>
  );
}

export function NotRun({ rules }: { rules: ReportView['notRun'] }) {
  if (rules.length === 0) return null;
  return (
    <Card title={`Could not be run (${rules.length})`}>
      <ul className="space-y-1 text-sm">
        {rules.slice(0, 20).map(({ rule, title, reason }) => (
          <li key={rule} className="[overflow-wrap:anywhere]">
            {title}: <span className="text-muted">{reason}</span>
          </li>
        ))}
        {rules.length > 20 ? <li className="text-muted">and {rules.length - 20} more</li> : null}
      </ul>
    </Card>
  );
}
