import type { OutcomeCounts } from '../../../../services/monitor/reading/view.ts';
import { useFormat } from '../../../shell/reader-provider.tsx';
import { Card } from '../../../ui/base/card.tsx';
import { DescriptionList } from '../../../ui/base/description-list.tsx';
import type { Format } from '../../../ui/base/format.ts';
import { Code } from '../../../ui/base/text.tsx';
import { Time } from '../../../ui/base/time.tsx';
import { errorKindLabels, intervalLabels, rangeLabels } from '../labels.ts';
import type { MonitorPageData } from './page.tsx';

/** How the monitor is, and how it is set up. */
export function MonitorFacts({ page }: { page: MonitorPageData }) {
  const format = useFormat();
  const { monitor, authProfiles, tool, schedule, health, uptime, latency } = page;
  const range = rangeLabels[page.range];
  return (
    <>
      <Card title="Now">
        <DescriptionList
          facts={[
            {
              term: health && (health.outcome === 'fail' || health.outcome === 'error') ? 'Failing since' : 'Since',
              value: health ? <Time at={health.since} /> : '–',
            },
            {
              term: 'Latest check',
              value: health ? (
                <>
                  <Time at={health.checkedAt} relative />
                  {health.errorKind ? (
                    <span className="block font-normal text-muted">{errorKindLabels(health.errorKind)}</span>
                  ) : null}
                </>
              ) : (
                'None yet'
              ),
            },
            { term: `Uptime, ${range}`, value: format.percent(uptime.uptime) },
            { term: 'Counting degraded as down', value: format.percent(uptime.strictUptime) },
            { term: 'p50', value: format.duration(latency.p50) },
            { term: 'p95', value: format.duration(latency.p95) },
            { term: 'p99', value: format.duration(latency.p99) },
            { term: `Checks, ${range}`, value: countWords(uptime.counts, format) },
          ]}
        />
      </Card>
      <Card title="Configuration">
        <DescriptionList
          facts={[
            {
              term: 'Tool',
              value: (
                <>
                  <Code>{monitor.tool}</Code>
                  {tool?.title ? <span className="block font-normal text-muted">{tool.title}</span> : null}
                </>
              ),
            },
            { term: 'Interval', value: intervalLabels(monitor.intervalSeconds) },
            {
              term: 'Auth profile',
              value: authProfiles.find(({ id }) => id === monitor.authProfileId)?.name ?? 'Deleted',
            },
            { term: 'Time limit', value: format.duration(monitor.timeoutSeconds * 1000) },
            {
              term: 'Degraded above',
              value: monitor.degradedAboveMs === null ? '–' : format.duration(monitor.degradedAboveMs),
            },
            { term: 'Output schema', value: monitor.checkOutputSchema ? 'Checked' : 'Not checked' },
            { term: 'Results', value: monitor.storeResults ? 'Stored' : 'Not stored' },
          ]}
        />
        {monitor.state === 'active' && !schedule.synced ? (
          <p className="mt-3 text-muted">The last change reaches the schedule soon.</p>
        ) : null}
      </Card>
    </>
  );
}

function countWords({ pass, degraded, fail, error, notReached, inMaintenance }: OutcomeCounts, format: Format): string {
  const parts = [
    [pass, 'passed'],
    [degraded, 'degraded'],
    [fail, 'failed'],
    [error, 'in error'],
    [notReached, 'not reached'],
    [inMaintenance, 'in maintenance'],
  ] as const;
  const words = parts.filter(([count]) => count > 0).map(([count, what]) => `${format.number(count)} ${what}`);
  return words.join(', ') || '–';
}
