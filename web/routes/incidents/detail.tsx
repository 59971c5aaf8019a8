import { Form, type MetaFunction, useLoaderData, useNavigation, useParams } from 'react-router';
import { ArmatureError } from '../../../domain/error/error.ts';
import type { SubjectKind } from '../../../domain/incident/incident.ts';
import { atLeast } from '../../../domain/role/role.ts';
import { acceptIncident } from '../../../services/incident/accept.ts';
import { getIncident } from '../../../services/incident/get.ts';
import { useActionData } from '../../shell/action-data.ts';
import { text } from '../../shell/form.ts';
import { useLive } from '../../shell/live/live.tsx';
import { useFormat } from '../../shell/reader-provider.tsx';
import { memberAction, memberLoader } from '../../shell/route.server.ts';
import { Badge } from '../../ui/base/badge.tsx';
import { Button, LinkButton, TextLink } from '../../ui/base/button.tsx';
import { Card } from '../../ui/base/card.tsx';
import { CodeText } from '../../ui/base/code-text.tsx';
import { DescriptionList } from '../../ui/base/description-list.tsx';
import { Notice } from '../../ui/base/notice.tsx';
import { RawText } from '../../ui/base/text.tsx';
import { Time } from '../../ui/base/time.tsx';
import { ErrorSummary } from '../../ui/form/error-summary.tsx';
import { PageHeader } from '../../ui/page/page-header.tsx';
import { IncidentBadge, IncidentTable, subjectKindLabels, subjectPath } from './table.tsx';
import { IncidentTimeline } from './timeline.tsx';

export const meta: MetaFunction<typeof loader> = ({ loaderData }) => [
  { title: `Incident: ${loaderData?.incident.subject.name ?? ''} · Armature` },
];

export const loader = memberLoader(async ({ ctx, params, org }) => ({
  ...(await getIncident(ctx, { incidentId: params.incidentId ?? '' })),
  mayEdit: atLeast(org.role, 'editor'),
}));

export const action = memberAction(async ({ ctx, form, params }) => {
  if (text(form, 'intent') !== 'accept')
    throw new ArmatureError('validation_failed', 'The form has no action.', 'Reload the page and try again.');
  const { incident } = await acceptIncident(ctx, { incidentId: params.incidentId ?? '' });
  return { accepted: incident.state };
});

/** What accepting or closing means, by subject. */
const acceptWords: { [kind in SubjectKind]: { button: string; explanation: string } } = {
  tool_change: {
    button: 'Accept change',
    explanation:
      'The tool as it is now becomes the normal one: this incident closes, whoever was notified of it is notified of that, and only a further breaking change opens another. Do it once whoever calls the tool has followed. If the server changes the tool back, the incident closes by itself.',
  },
  monitor: {
    button: 'Close incident',
    explanation:
      'It closes by itself at the next check that passes. If you close it, whoever was notified of it is notified of that, and the next failing check opens another one.',
  },
  workflow: {
    button: 'Close incident',
    explanation:
      'It closes by itself at the next run that passes. If you close it, whoever was notified of it is notified of that, and the next failing run opens another one.',
  },
  server: {
    button: 'Close incident',
    explanation:
      'It closes by itself when the server answers again. If you close it, whoever was notified of it is notified of that, and the next sweep without an answer opens another one.',
  },
  auth_profile: {
    button: 'Close incident',
    explanation:
      'It closes by itself when the server accepts the auth profile again. If you close it, whoever was notified of it is notified of that, and the next sweep of refused checks opens another one.',
  },
  all_servers: {
    button: 'Close incident',
    explanation:
      'It closes by itself when most servers answer again. If you close it, whoever was notified of it is notified of that, and servers that still fail ten minutes later notify on their own.',
  },
  budget: {
    button: 'Close incident',
    explanation:
      'It closes by itself when the month (UTC) ends, or when the owner raises the budget. If you close it, whoever was notified of it is notified of that, and another one opens only when the budget is used up.',
  },
  installation: {
    button: 'Close incident',
    explanation:
      'It closes by itself when the trouble is over. If you close it, whoever was notified of it is notified of that, and it opens again while the trouble lasts.',
  },
};

export default function IncidentPage() {
  const format = useFormat();
  const { incident, cause, parent, absorbed, deliveries, mayEdit } = useLoaderData<typeof loader>();
  useLive(['incident', 'delivery']);
  const answer = useActionData<typeof action>();
  const busy = useNavigation().state !== 'idle';
  const base = `/o/${useParams().org}`;
  const { subject } = incident;
  const path = subjectPath(subject);
  const accept = acceptWords[subject.kind];
  return (
    <div className="space-y-6">
      <PageHeader
        title={
          <span className="inline-flex flex-wrap items-center gap-3">
            <span className="[overflow-wrap:anywhere]">{subject.name}</span>
            <IncidentBadge incident={incident} />
          </span>
        }
        note={<span className="[overflow-wrap:anywhere]">{incident.summary}</span>}
        trail={[{ to: `${base}/incidents`, text: 'Incidents' }]}
        actions={
          <>
            {cause.runId ? <LinkButton to={`${base}/runs/${cause.runId}`}>Open the run</LinkButton> : null}
            {path ? (
              <LinkButton to={`${base}/${path}`}>
                Open the {path.startsWith('servers') ? 'server' : subjectKindLabels[subject.kind].toLowerCase()}
              </LinkButton>
            ) : null}
          </>
        }
      />
      {answer && 'problem' in answer ? <ErrorSummary problem={answer.problem} /> : null}
      {answer && 'accepted' in answer ? (
        answer.accepted === 'closed' ? (
          <Notice tone="good" alert title="The incident is closed." />
        ) : (
          <Notice tone="warning" alert title="The incident changed in the meantime.">
            Review it before you close it.
          </Notice>
        )
      ) : null}
      {parent ? (
        <Notice title="The whole server didn't answer.">
          <TextLink to={`${base}/incidents/${parent.id}`}>The incident of the server</TextLink> took this one in and
          speaks for it.
        </Notice>
      ) : null}
      <Card title="Overview">
        <DescriptionList
          facts={[
            {
              term: subjectKindLabels[subject.kind],
              value: path ? <TextLink to={`${base}/${path}`}>{subject.name}</TextLink> : subject.name,
            },
            ...(subject.model ? [{ term: 'Tester model', value: subject.model }] : []),
            ...(incident.serverName && subject.serverId
              ? [
                  {
                    term: 'Server',
                    value: <TextLink to={`${base}/servers/${subject.serverId}`}>{incident.serverName}</TextLink>,
                  },
                ]
              : []),
            { term: 'Opened', value: <Time at={incident.openedAt} /> },
            {
              term: incident.closedAt ? 'Closed' : 'Failed last',
              value: <Time at={incident.closedAt ?? incident.lastFailedAt} />,
            },
            ...(incident.closedAt
              ? [
                  {
                    term: 'Lasted',
                    value: format.duration(Math.max(0, Date.parse(incident.closedAt) - Date.parse(incident.openedAt))),
                  },
                ]
              : []),
            { term: 'Failures', value: incident.failureCount },
          ]}
        />
      </Card>
      <Cause cause={cause} />
      <IncidentTimeline incident={incident} absorbed={absorbed} deliveries={deliveries} base={base} />
      {absorbed.length > 0 ? (
        <Card flush title="Absorbed incidents">
          <IncidentTable incidents={absorbed} base={base} label="Absorbed incidents" />
        </Card>
      ) : null}
      {incident.state === 'open' && mayEdit ? (
        <Card title={accept.button}>
          <p className="max-w-prose">{accept.explanation}</p>
          <Form method="post" className="mt-3">
            <Button name="intent" value="accept" disabled={busy}>
              {accept.button}
            </Button>
          </Form>
        </Card>
      ) : null}
    </div>
  );
}

type CauseProps = {
  outcome: string;
  errorKind?: string | undefined;
  message?: string | undefined;
  failingCriteria?: string[] | undefined;
  changes?: string[] | undefined;
};

/** The first failure. Messages and changes are text from targets and models. */
function Cause({ cause }: { cause: CauseProps }) {
  const { outcome, errorKind, message, failingCriteria = [], changes = [] } = cause;
  return (
    <Card title="What failed">
      <p className="flex flex-wrap gap-2">
        <Badge tone={outcome === 'degraded' || outcome === 'partial' ? 'partial' : 'fail'}>
          {outcome.replaceAll('_', ' ')}
        </Badge>
        {errorKind ? <Badge>{errorKind.replaceAll('_', ' ')}</Badge> : null}
      </p>
      {message ? (
        <div className="mt-3">
          <RawText label="Message">{message}</RawText>
        </div>
      ) : null}
      {failingCriteria.length > 0 ? (
        <>
          <h3 className="mt-3 mb-1 font-medium">Failing criteria</h3>
          <ul className="list-disc pl-5">
            {failingCriteria.map((criterion) => (
              <li key={criterion}>
                <CodeText text={criterion} />
              </li>
            ))}
          </ul>
        </>
      ) : null}
      {changes.length > 0 ? (
        <>
          <h3 className="mt-3 mb-1 font-medium">What changed</h3>
          <ul className="list-disc pl-5">
            {changes.map((change) => (
              <li key={change}>
                <CodeText text={change} />
              </li>
            ))}
          </ul>
        </>
      ) : null}
    </Card>
  );
}
