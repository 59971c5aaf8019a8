import type { MonitorView } from '../../../services/monitor/reading/view.ts';
import { useFormat } from '../../shell/reader-provider.tsx';
import { Card } from '../../ui/base/card.tsx';
import { CodeText } from '../../ui/base/code-text.tsx';
import { DescriptionList } from '../../ui/base/description-list.tsx';
import { RawText } from '../../ui/base/text.tsx';
import { Time } from '../../ui/base/time.tsx';
import { intervalLabels } from './labels.ts';

type Page = {
  monitor: MonitorView;
  authProfiles: { id: string; name: string }[];
  tool: { title: string | null } | null;
  schedule: { synced: boolean };
};

/** The settings of a monitor. */
export function MonitorConfiguration({ page }: { page: Page }) {
  const format = useFormat();
  const { monitor, authProfiles, tool, schedule } = page;
  return (
    <Card title="Configuration">
      <DescriptionList
        facts={[
          { term: 'Tool', value: tool?.title ? `${monitor.tool} (${tool.title})` : monitor.tool },
          { term: 'Interval', value: intervalLabels(monitor.intervalSeconds) },
          {
            term: 'Auth profile',
            value: authProfiles.find(({ id }) => id === monitor.authProfileId)?.name ?? 'Deleted',
          },
          { term: 'Time limit', value: `${monitor.timeoutSeconds} s` },
          {
            term: 'Degraded above',
            value: monitor.degradedAboveMs === null ? '–' : format.duration(monitor.degradedAboveMs),
          },
          { term: 'Output schema', value: monitor.checkOutputSchema ? 'Checked' : 'Not checked' },
          { term: 'Results', value: monitor.storeResults ? 'Stored' : 'Not stored' },
          { term: 'Created', value: <Time at={monitor.createdAt} /> },
        ]}
      />
      {monitor.state === 'active' && !schedule.synced ? (
        <p className="mt-3 text-muted">The schedule in Temporal doesn't reflect the last change yet.</p>
      ) : null}
      <p className="mt-4 mb-1 text-xs text-muted">Arguments</p>
      <RawText label="Arguments">{JSON.stringify(monitor.arguments, null, 2)}</RawText>
      {monitor.assertions.length > 0 ? (
        <>
          <p className="mt-4 mb-1 text-xs text-muted">Assertions</p>
          <ul className="space-y-1">
            {monitor.assertions.map((line) => (
              <li key={line}>
                <CodeText text={line} />
              </li>
            ))}
          </ul>
        </>
      ) : null}
    </Card>
  );
}
