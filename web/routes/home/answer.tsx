import type { Home } from '../../../services/organization/home/get.ts';
import { useFormat } from '../../shell/reader-provider.tsx';
import { LinkButton, TextLink } from '../../ui/base/button.tsx';
import { Card } from '../../ui/base/card.tsx';
import type { Format } from '../../ui/base/format.ts';
import { StatusChip, StatusIcon } from '../../ui/base/status-chip.tsx';
import { Time } from '../../ui/base/time.tsx';
import { subjectKindLabels } from '../incidents/labels.ts';

type Shown = Pick<Home, 'incidents' | 'failing' | 'monitorTotals' | 'workflowCount' | 'expiring'>;

/** Whether anything is broken: one line if not, else what, since when, and why. */
export function Answer({ home, base }: { home: Shown; base: string }) {
  const format = useFormat();
  const { incidents, failing, expiring } = home;
  const broken = incidents.length + failing.length;
  return (
    <section aria-label="What is broken" className="space-y-4">
      {broken === 0 ? <Calm home={home} /> : null}
      {broken > 0 ? (
        <Card title={format.count(broken, 'thing needs attention', 'things need attention')} flush>
          <ul className="divide-y divide-line">
            {incidents.map((incident) => (
              <Incident key={incident.id} incident={incident} base={base} />
            ))}
            {failing.map(({ id, name, runId, status }) => (
              <Row key={id} chip={<StatusChip status={status} />} name={name} kind="Workflow">
                <LinkButton to={`${base}/runs/${runId}`}>Open the last run</LinkButton>
              </Row>
            ))}
          </ul>
        </Card>
      ) : null}
      {expiring.map(({ proposalId, workflowName, expiresAt }) => (
        <p key={proposalId} className="text-table">
          <TextLink to={`${base}/proposals/${proposalId}`}>
            {workflowName === null ? 'A proposal for a new workflow' : `A proposal for ${workflowName}`}
          </TextLink>{' '}
          expires <Time at={expiresAt} relative />.
        </p>
      ))}
    </section>
  );
}

function Calm({ home: { monitorTotals, workflowCount } }: { home: Shown }) {
  const format = useFormat();
  const tested = monitorTotals.all - monitorTotals.paused - monitorTotals.unchecked + workflowCount;
  if (tested === 0) return <p className="text-base font-medium">Nothing is tested yet.</p>;
  return (
    <div className="flex items-start gap-2">
      <span className="mt-1.5 text-pass">
        <StatusIcon status="pass" />
      </span>
      <div>
        <p className="text-base font-medium">Nothing is broken.</p>
        <p className="text-table text-muted">{describe({ monitorTotals, workflowCount }, format)}</p>
      </div>
    </div>
  );
}

/** "41 monitors pass, 1 is degraded, 2 are paused · 6 workflows". */
function describe({ monitorTotals, workflowCount }: Pick<Shown, 'monitorTotals' | 'workflowCount'>, format: Format) {
  const { pass, degraded, paused, unchecked } = monitorTotals;
  const rest = [
    degraded > 0 ? `${format.number(degraded)} degraded` : null,
    unchecked > 0 ? `${format.number(unchecked)} not checked yet` : null,
    paused > 0 ? `${format.number(paused)} paused` : null,
  ].filter(Boolean);
  return [
    ...(monitorTotals.all > 0
      ? [[`${format.count(pass, 'monitor passes', 'monitors pass')}`, ...rest].join(', ')]
      : []),
    ...(workflowCount > 0 ? [format.count(workflowCount, 'workflow')] : []),
  ].join(' · ');
}

function Incident({ incident, base }: { incident: Shown['incidents'][number]; base: string }) {
  const { id, subject, level, summary, openedAt, serverName } = incident;
  return (
    <Row
      chip={
        <StatusChip status={level === 'warn' ? 'partial' : 'fail'}>
          {level === 'warn' ? 'Degraded' : 'Failing'}
        </StatusChip>
      }
      name={subject.name}
      kind={[subjectKindLabels[subject.kind], serverName === subject.name ? null : serverName]
        .filter(Boolean)
        .join(' · ')}
      since={openedAt}
      summary={summary}
    >
      <LinkButton to={`${base}/incidents/${id}`}>Open</LinkButton>
    </Row>
  );
}

function Row({
  chip,
  name,
  kind,
  since,
  summary,
  children,
}: {
  chip: React.ReactNode;
  name: string;
  kind: string;
  since?: string;
  summary?: string;
  children: React.ReactNode;
}) {
  return (
    <li className="flex flex-wrap items-center gap-x-4 gap-y-2 px-4 py-3">
      <div className="min-w-0 flex-1 basis-64">
        <p className="flex flex-wrap items-center gap-x-2 gap-y-1">
          {chip}
          <span className="min-w-0 font-medium">{name}</span>
          <span className="text-xs text-muted">{kind}</span>
        </p>
        {summary || since ? (
          <p className="mt-1 line-clamp-2 text-table text-muted">
            {since ? (
              <>
                Since <Time at={since} relative />
                {summary ? ': ' : ''}
              </>
            ) : null}
            {summary}
          </p>
        ) : null}
      </div>
      {children}
    </li>
  );
}
