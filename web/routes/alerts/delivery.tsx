import { Mail } from 'lucide-react';
import { type MetaFunction, useLoaderData, useParams } from 'react-router';
import { atLeast } from '../../../domain/role/role.ts';
import { getDelivery } from '../../../services/delivery/reading/get.ts';
import { useActionData } from '../../shell/action-data.ts';
import { useLive } from '../../shell/live/live.tsx';
import { memberAction, memberLoader } from '../../shell/route.server.ts';
import { TextLink } from '../../ui/base/button.tsx';
import { Card } from '../../ui/base/card.tsx';
import { DescriptionList } from '../../ui/base/description-list.tsx';
import { Notice } from '../../ui/base/notice.tsx';
import { DisclosureIcon, RawText } from '../../ui/base/text.tsx';
import { Time } from '../../ui/base/time.tsx';
import { ErrorSummary } from '../../ui/form/error-summary.tsx';
import { Columns } from '../../ui/page/columns.tsx';
import { PageHeader } from '../../ui/page/page-header.tsx';
import { deliveryKindLabels } from './delivery-labels.ts';
import { DeliveryBadge, SendAgain } from './delivery-table.tsx';
import { deliveryIntent } from './retry.server.ts';

export const meta: MetaFunction<typeof loader> = ({ loaderData }) => [
  { title: `${loaderData?.delivery.title ?? 'Delivery'} · Alerts · Armature` },
];

export const loader = memberLoader(async ({ ctx, params, org }) => ({
  ...(await getDelivery(ctx, { deliveryId: params.deliveryId ?? '' })),
  mayEdit: atLeast(org.role, 'editor'),
}));

export const action = memberAction(async ({ ctx, form }) => deliveryIntent(ctx, form));

export default function DeliveryPage() {
  const { delivery, mayEdit } = useLoaderData<typeof loader>();
  useLive(['delivery']);
  const answer = useActionData<typeof action>();
  const base = `/o/${useParams().org}`;
  const { kind, title, state, error, destination, email, message } = delivery;
  return (
    <>
      <PageHeader
        title={<span data-verbatim>{kind === 'test' ? 'Test message' : title}</span>}
        icon={<Mail className="size-5" />}
        status={<DeliveryBadge state={state} />}
        note={
          <>
            {deliveryKindLabels[kind]} to {destination.label} by the rule{' '}
            <TextLink to={`${base}/alerts/rules/${delivery.ruleId}`}>{delivery.ruleName}</TextLink>
          </>
        }
        trail={[
          { to: `${base}/alerts`, text: 'Alerts' },
          { to: `${base}/alerts/deliveries`, text: 'Deliveries' },
        ]}
        actions={mayEdit && delivery.canRetry ? <SendAgain delivery={delivery} /> : null}
      />
      <Columns facts={<Facts />}>
        <ErrorSummary problem={answer && 'problem' in answer ? answer.problem : undefined} />
        {answer && 'done' in answer ? <Notice tone="good" alert title={answer.done} /> : null}
        {error ? (
          <Notice tone={state === 'pending' || state === 'unknown' ? 'warning' : 'bad'} title={error}>
            {state === 'unknown' ? 'It may have arrived. Sent again, it would then arrive twice.' : null}
            {state === 'pending' ? 'It is tried again automatically.' : null}
          </Notice>
        ) : null}
        {state === 'outbox' ? (
          <Notice title="This e-mail was not sent.">
            No e-mail provider was set up. Below is what would have been sent.
          </Notice>
        ) : null}
        {email ? (
          <Card flush title={email.subject}>
            {/* Nothing in it runs or is loaded: it is shown as a mail program shows it. */}
            <iframe
              title={`E-mail: ${email.subject}`}
              sandbox=""
              srcDoc={email.html}
              className="h-[32rem] w-full border-line border-b bg-white"
            />
            <details className="px-4 py-3">
              <summary className="flex min-h-6 gap-2">
                <DisclosureIcon /> As text
              </summary>
              <div className="mt-2">
                <RawText label={`Text of ${email.subject}`}>{email.text}</RawText>
              </div>
            </details>
          </Card>
        ) : (
          <Card title="Message">
            <p data-verbatim className="font-medium">
              {message.title}
            </p>
            <RawText label="What went wrong">{message.lines.join('\n')}</RawText>
          </Card>
        )}
      </Columns>
    </>
  );
}

function Facts() {
  const { delivery } = useLoaderData<typeof loader>();
  const base = `/o/${useParams().org}`;
  const { incidentId, attempts, round, createdAt, endedAt, state, destination, message } = delivery;
  return (
    <Card title="Facts">
      <DescriptionList
        facts={[
          { term: 'To', value: destination.label },
          {
            term: 'Incident',
            value: incidentId ? (
              <TextLink to={`${base}/incidents/${incidentId}`}>{message.subject.name}</TextLink>
            ) : (
              '–'
            ),
          },
          { term: 'Created', value: <Time at={createdAt} /> },
          { term: state === 'delivered' ? 'Delivered' : 'Ended', value: endedAt ? <Time at={endedAt} /> : '–' },
          { term: 'Attempts', value: attempts },
          ...(round > 1 ? [{ term: 'Sent again', value: round === 2 ? 'Once' : `${round - 1} times` }] : []),
        ]}
      />
    </Card>
  );
}
