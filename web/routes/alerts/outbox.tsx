import { type MetaFunction, useLoaderData, useParams } from 'react-router';
import { atLeast } from '../../../domain/role/role.ts';
import { listDeliveries } from '../../../services/delivery/reading/list.ts';
import { listDestinations } from '../../../services/destination/list.ts';
import { useActionData } from '../../shell/action-data.ts';
import { useLive } from '../../shell/live/live.tsx';
import { query } from '../../shell/query.ts';
import { memberAction, memberLoader } from '../../shell/route.server.ts';
import { Card } from '../../ui/base/card.tsx';
import { EmptyState } from '../../ui/base/empty-state.tsx';
import { Notice } from '../../ui/base/notice.tsx';
import { Code } from '../../ui/base/text.tsx';
import { Pager } from '../../ui/data/pager.tsx';
import { ErrorSummary } from '../../ui/form/error-summary.tsx';
import { DeliveryTable } from './delivery-table.tsx';
import { AlertsHeader } from './header.tsx';
import { deliveryIntent } from './retry.server.ts';
import { RuleAnswer } from './rule/answer.tsx';

export const meta: MetaFunction = () => [{ title: 'Outbox · Alerts · Armature' }];

export const loader = memberLoader(async ({ ctx, url, org }) => {
  const { cursor } = query(url, ['cursor']);
  const [list, { email }] = await Promise.all([
    listDeliveries(ctx, { state: 'outbox', ...(cursor && { cursor }), limit: 25 }),
    listDestinations(ctx, {}),
  ]);
  return { ...list, configured: email.configured, mayEdit: atLeast(org.role, 'editor') };
});

export const action = memberAction(async ({ ctx, form }) => deliveryIntent(ctx, form));

export default function Outbox() {
  const { deliveries, nextCursor, configured, mayEdit } = useLoaderData<typeof loader>();
  useLive(['delivery']);
  const answer = useActionData<typeof action>();
  const base = `/o/${useParams().org}`;
  return (
    <>
      <AlertsHeader
        note={
          <>
            E-mails that were not sent because no provider is set up (<Code>RESEND_API_KEY</Code>).
          </>
        }
      />
      <div className="space-y-4">
        <ErrorSummary problem={answer && 'problem' in answer ? answer.problem : undefined} />
        <RuleAnswer answer={answer && 'done' in answer ? answer : undefined} base={base} />
        {configured && deliveries.length > 0 ? (
          <Notice title="An e-mail provider is set up now.">New e-mails are sent. Send these again if needed.</Notice>
        ) : null}
        {deliveries.length > 0 ? (
          <Card flush>
            <DeliveryTable deliveries={deliveries} base={base} mayEdit={mayEdit && configured} />
          </Card>
        ) : (
          <EmptyState title="The outbox is empty">
            {configured
              ? 'E-mails are sent by the provider.'
              : 'E-mails of rules appear here, as they would have been sent.'}
          </EmptyState>
        )}
        <Pager nextCursor={nextCursor} />
      </div>
    </>
  );
}
