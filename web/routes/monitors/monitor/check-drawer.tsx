import type { CheckView, MonitorView } from '../../../../services/monitor/reading/view.ts';
import { useFormat } from '../../../shell/reader-provider.tsx';
import { MaintenanceBadge } from '../../../ui/base/badge.tsx';
import { CodeBlock } from '../../../ui/base/code-block.tsx';
import { CodeText } from '../../../ui/base/code-text.tsx';
import { DescriptionList } from '../../../ui/base/description-list.tsx';
import { StateLabel } from '../../../ui/base/status-chip.tsx';
import { Clock, Time } from '../../../ui/base/time.tsx';
import { Drawer } from '../../../ui/overlay/drawer.tsx';
import { errorKindLabels } from '../labels.ts';
import { CheckOutcomeBadge } from '../status.tsx';

/** One check: how it went, why, and what the server answered. */
export function CheckDrawer({ check, monitor, closeTo }: { check: CheckView; monitor: MonitorView; closeTo: string }) {
  const format = useFormat();
  const { at, startedAt, key, errorKind, latencyMs, resultBytes, attempts, degradedBy, excerpt, maintenance } = check;
  return (
    <Drawer
      title={
        <>
          Check of <Time at={at} />
        </>
      }
      status={
        <>
          <CheckOutcomeBadge check={check} />
          {key ? <StateLabel>Manual</StateLabel> : null}
          {maintenance ? <MaintenanceBadge /> : null}
        </>
      }
      closeTo={closeTo}
    >
      <DescriptionList
        facts={[
          ...(errorKind ? [{ term: 'Reason', value: errorKindLabels(errorKind) }] : []),
          { term: 'Latency', value: latencyMs === null ? '–' : format.duration(latencyMs) },
          { term: 'Due', value: <Clock at={at} /> },
          { term: 'Started', value: startedAt ? <Clock at={startedAt} /> : '–' },
          { term: 'Attempts', value: format.number(attempts) },
          { term: 'Result', value: resultBytes === null ? '–' : `${format.number(resultBytes)} bytes` },
        ]}
      />
      {degradedBy.length > 0 ? (
        <section>
          <h3 className="mb-1 font-medium">Why it is degraded</h3>
          <ul className="list-disc space-y-1 pl-5 text-partial" data-verbatim>
            {degradedBy.map((why) => (
              <li key={why}>
                <CodeText text={why} />
              </li>
            ))}
          </ul>
        </section>
      ) : null}
      {excerpt ? (
        <CodeBlock label={`Answer of ${monitor.tool}`}>{excerpt}</CodeBlock>
      ) : (
        <p className="text-muted">
          {monitor.storeResults ? 'No answer is stored.' : 'Results of this monitor are not stored.'}
        </p>
      )}
      <CodeBlock label={`Arguments of ${monitor.tool}, as they are now`}>
        {JSON.stringify(monitor.arguments, null, 2)}
      </CodeBlock>
    </Drawer>
  );
}
