import { useOutletContext } from 'react-router';
import { useFormat } from '../../../shell/reader-provider.tsx';
import { TextLink } from '../../../ui/base/button.tsx';
import { Card } from '../../../ui/base/card.tsx';
import { CodeBlock } from '../../../ui/base/code-block.tsx';
import { CodeText } from '../../../ui/base/code-text.tsx';
import { Notice } from '../../../ui/base/notice.tsx';
import { Time } from '../../../ui/base/time.tsx';
import { UptimeBar } from '../../../ui/chart/uptime-bar.tsx';
import { Columns } from '../../../ui/page/columns.tsx';
import { toCheckId } from '../labels.ts';
import { MonitorFacts } from './facts.tsx';
import { LatencyChart } from './latency-chart.tsx';
import type { MonitorContext, MonitorPageData } from './page.tsx';

export default function Overview() {
  const { page, base, url, CheckTable } = useOutletContext<MonitorContext>();
  const { latest, monitor } = page;
  return (
    <Columns isFactsLast facts={<MonitorFacts page={page} />}>
      <OpenIncidents incidents={page.incidents} base={base} />
      <UptimeDays {...page.month} />
      <LatencyChart
        key={page.range}
        range={page.range}
        points={page.points}
        windows={page.maintenance.filter(({ startsAt }) => startsAt < page.to)}
        from={page.since}
        to={page.to}
      />
      <Card
        flush
        title="Latest checks"
        aside={latest.length > 0 ? <TextLink to={`${url}/checks`}>All checks</TextLink> : null}
      >
        {latest.length > 0 ? (
          <CheckTable
            checks={latest}
            label="Latest checks"
            to={(check) => `${url}/checks?day=${check.at.slice(0, 10)}&check=${toCheckId(check)}`}
          />
        ) : (
          <p className="p-4 text-muted">No checks since yesterday.</p>
        )}
      </Card>
      <Card title="What it calls">
        <CodeBlock label={`Arguments of ${monitor.tool}`}>{JSON.stringify(monitor.arguments, null, 2)}</CodeBlock>
        {monitor.assertions.length > 0 ? (
          <>
            <h3 className="mt-4 mb-1 text-muted text-xs">Assertions</h3>
            <ul className="space-y-1">
              {monitor.assertions.map((line) => (
                <li key={line} className="[overflow-wrap:anywhere]" data-verbatim>
                  <CodeText text={line} />
                </li>
              ))}
            </ul>
          </>
        ) : null}
      </Card>
    </Columns>
  );
}

function OpenIncidents({ incidents, base }: { incidents: MonitorPageData['incidents']; base: string }) {
  return incidents
    .filter(({ closedAt }) => closedAt === null)
    .map(({ id, summary, openedAt }) => (
      <Notice key={id} tone="bad" title={<TextLink to={`${base}/incidents/${id}`}>{summary}</TextLink>}>
        Open since <Time at={openedAt} relative />
      </Notice>
    ));
}

function UptimeDays({ days, uptime }: MonitorPageData['month']) {
  const format = useFormat();
  const share = format.percent(uptime);
  return (
    <Card title="Uptime, last 30 days" aside={<span className="font-medium text-table tabular-nums">{share}</span>}>
      <UptimeBar
        isByDay
        label={`Uptime over 30 days: ${share}`}
        slots={days.map(({ at, status, uptime, checks, failed }) => ({
          at,
          status,
          figures: status
            ? `${format.percent(uptime)} of ${format.count(checks, 'check')}, ${format.number(failed)} failed`
            : 'no checks',
        }))}
      />
    </Card>
  );
}
