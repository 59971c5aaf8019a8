import { Form, type MetaFunction, useActionData, useLoaderData, useNavigation, useParams } from 'react-router';
import { ArmatureError } from '../../../domain/error/error.ts';
import type { SubjectKind } from '../../../domain/incident/incident.ts';
import { atLeast } from '../../../domain/role/role.ts';
import { acceptIncident } from '../../../services/incident/accept.ts';
import { getIncident } from '../../../services/incident/get.ts';
import { text } from '../../shell/form.ts';
import { memberAction, memberLoader } from '../../shell/route.server.ts';
import { Badge } from '../../ui/badge.tsx';
import { Button, LinkButton, TextLink } from '../../ui/button.tsx';
import { Card } from '../../ui/card.tsx';
import { CodeText } from '../../ui/code-text.tsx';
import { DescriptionList } from '../../ui/description-list.tsx';
import { Notice } from '../../ui/notice.tsx';
import { PageHeader } from '../../ui/page-header.tsx';
import { ProblemNotice } from '../../ui/problem-notice.tsx';
import { RawText } from '../../ui/text.tsx';
import { duration, Time } from '../../ui/time.tsx';
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
      'The tool as it is now becomes the normal one: this incident closes, nobody is notified, and only a further breaking change opens another. Do it once whoever calls the tool has followed. If the server changes the tool back, the incident closes by itself.',
  },
  monitor: {
    button: 'Close incident',
    explanation:
      'It closes by itself at the next check that passes. If you close it, nobody is notified, and the next failing check opens another one.',
  },
  workflow: {
    button: 'Close incident',
    explanation:
      'It closes by itself at the next run that passes. If you close it, nobody is notified, and the next failing run opens another one.',
  },
  server: {
    button: 'Close incident',
    explanation:
      'It closes by itself when the server answers again. If you close it, nobody is notified, and the next sweep without an answer opens another one.',
  },
  installation: {
    button: 'Close incident',
    explanation:
      'It closes by itself when the trouble is over. If you close it, nobody is notified, and it opens again while the trouble lasts.',
  },
};

export default function IncidentPage() {
  const { incident, cause, parent, absorbed, deliveries, mayEdit } = useLoaderData<typeof loader>();
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
      {answer && 'problem' in answer ? <ProblemNotice problem={answer.problem} /> : null}
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
                    value: duration(Math.max(0, Date.parse(incident.closedAt) - Date.parse(incident.openedAt))),
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
              <li key={criterion} className="break-words">
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
              <li key={change} className="break-words">
                <CodeText text={change} />
              </li>
            ))}
          </ul>
        </>
      ) : null}
    </Card>
  );
}
