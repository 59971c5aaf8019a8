import { type MetaFunction, useLoaderData, useParams } from 'react-router';
import { listOutbox } from '../../../services/delivery/reading/list-outbox.ts';
import { listDestinations } from '../../../services/destination/list.ts';
import { useLive } from '../../shell/live/live.tsx';
import { query } from '../../shell/query.ts';
import { memberLoader } from '../../shell/route.server.ts';
import { TextLink } from '../../ui/base/button.tsx';
import { Card } from '../../ui/base/card.tsx';
import { EmptyState } from '../../ui/base/empty-state.tsx';
import { Notice } from '../../ui/base/notice.tsx';
import { Code, DisclosureIcon, RawText } from '../../ui/base/text.tsx';
import { Time } from '../../ui/base/time.tsx';
import { Pager } from '../../ui/data/pager.tsx';
import { PageHeader } from '../../ui/page/page-header.tsx';
import { deliveryKindLabels } from './delivery-labels.ts';

export const meta: MetaFunction = () => [{ title: 'Outbox · Armature' }];

export const loader = memberLoader(async ({ ctx, url }) => {
  const { cursor } = query(url, ['cursor']);
  const [list, { email }] = await Promise.all([
    listOutbox(ctx, { ...(cursor && { cursor }), limit: 20 }),
    listDestinations(ctx, {}),
  ]);
  return { ...list, configured: email.configured };
});

export default function Outbox() {
  const { emails, nextCursor, configured } = useLoaderData<typeof loader>();
  useLive(['delivery']);
  const base = `/o/${useParams().org}`;
  return (
    <div className="space-y-6">
      <PageHeader
        title="Outbox"
        note={
          <>
            Alert e-mails that were not sent since no provider is set up (<Code>RESEND_API_KEY</Code>), as they would
            have been.
          </>
        }
        trail={[{ to: `${base}/alerts`, text: 'Alerts' }]}
      />
      {configured && emails.length > 0 ? (
        <Notice title="An e-mail provider is set up.">
          New e-mails are sent. What stands here can be sent from the <TextLink to={`${base}/alerts`}>history</TextLink>
          .
        </Notice>
      ) : null}
      {emails.length === 0 ? (
        <EmptyState title="The outbox is empty">
          {configured
            ? 'E-mails are sent by the provider.'
            : 'Send a test from a rule with an e-mail address to see one here.'}
        </EmptyState>
      ) : null}
      {emails.map((email) => (
        <Card key={email.deliveryId} flush id={`delivery-${email.deliveryId}`}>
          <div className="space-y-1 px-4 py-3">
            <div className="flex flex-wrap items-baseline gap-x-3">
              <h2 className="min-w-0 font-semibold">{email.subject}</h2>
              <span className="ml-auto text-muted">
                <Time at={email.createdAt} relative />
              </span>
            </div>
            <p className="text-muted">
              To {email.to} · {deliveryKindLabels[email.kind]} by{' '}
              <TextLink to={`${base}/alerts/rules/${email.ruleId}`}>{email.ruleName}</TextLink>
            </p>
          </div>
          {/* Nothing in it runs or is loaded: it is shown as a mail program shows it. */}
          <iframe
            title={`E-mail: ${email.subject}`}
            sandbox=""
            srcDoc={email.html}
            loading="lazy"
            className="h-96 w-full border-line border-y bg-white"
          />
          <details className="px-4 py-3">
            <summary className="flex gap-2">
              <DisclosureIcon /> As text
            </summary>
            <div className="mt-2">
              <RawText label={`Text of ${email.subject}`}>{email.text}</RawText>
            </div>
          </details>
        </Card>
      ))}
      <Pager nextCursor={nextCursor} />
    </div>
  );
}
