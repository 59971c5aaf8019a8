import { type MetaFunction, redirect, useLoaderData, useParams } from 'react-router';
import { atLeast } from '../../../../domain/role/role.ts';
import { archiveRule } from '../../../../services/alert-rule/archive.ts';
import { getRule } from '../../../../services/alert-rule/get.ts';
import type { RuleView } from '../../../../services/alert-rule/view.ts';
import { listDeliveries } from '../../../../services/delivery/reading/list.ts';
import { useActionData } from '../../../shell/action-data.ts';
import { text } from '../../../shell/form.ts';
import { useLive } from '../../../shell/live/live.tsx';
import { query } from '../../../shell/query.ts';
import { memberAction, memberLoader } from '../../../shell/route.server.ts';
import { LinkButton, TextLink } from '../../../ui/base/button.tsx';
import { Card } from '../../../ui/base/card.tsx';
import { DescriptionList } from '../../../ui/base/description-list.tsx';
import { EmptyState } from '../../../ui/base/empty-state.tsx';
import { Notice } from '../../../ui/base/notice.tsx';
import { Time } from '../../../ui/base/time.tsx';
import { Pager } from '../../../ui/data/pager.tsx';
import { ErrorSummary } from '../../../ui/form/error-summary.tsx';
import { Columns } from '../../../ui/page/columns.tsx';
import { DeliveryTable } from '../delivery-table.tsx';
import { deliveryIntent } from '../retry.server.ts';
import { RuleAnswer } from './answer.tsx';
import { RuleHeader } from './header.tsx';
import { ruleIntent } from './intents.server.ts';
import { every, span, targetLabel } from './labels.ts';

export const meta: MetaFunction<typeof loader> = ({ loaderData }) => [
  { title: `${loaderData?.rule.name ?? 'Alert rule'} · Armature` },
];

export const loader = memberLoader(async ({ ctx, params, url, org }) => {
  const ruleId = params.ruleId ?? '';
  const { cursor } = query(url, ['cursor']);
  const [{ rule }, deliveries] = await Promise.all([
    getRule(ctx, { ruleId }),
    listDeliveries(ctx, { ruleId, ...(cursor && { cursor }), limit: 25 }),
  ]);
  return { rule, ...deliveries, mayEdit: atLeast(org.role, 'editor') && !rule.isArchived };
});

export const action = memberAction(async ({ ctx, form, params, path }) => {
  const ruleId = params.ruleId ?? '';
  switch (text(form, 'intent')) {
    case 'retry':
      return deliveryIntent(ctx, form);
    case 'delete':
      await archiveRule(ctx, { ruleId });
      throw redirect(path('alerts'));
    default:
      return ruleIntent(ctx, form, ruleId);
  }
});

export default function RulePage() {
  const { rule, deliveries, nextCursor, mayEdit } = useLoaderData<typeof loader>();
  useLive(['alert_rule', 'delivery']);
  const answer = useActionData<typeof action>();
  const base = `/o/${useParams().org}`;
  return (
    <>
      <RuleHeader rule={rule} base={base} mayEdit={mayEdit} />
      <Columns facts={<Facts rule={rule} base={base} />}>
        <ErrorSummary problem={answer && 'problem' in answer ? answer.problem : undefined} />
        <RuleAnswer answer={answer && 'done' in answer ? answer : undefined} base={base} />
        {rule.isArchived ? <Notice title="This rule was deleted.">Its deliveries stay readable.</Notice> : null}
        {rule.destination?.problem ? (
          <Notice tone={rule.destination.kind === 'email' ? 'info' : 'warning'} title={rule.destination.problem} />
        ) : null}
        {mayEdit && !rule.destination ? (
          <EmptyState title="Nobody is notified yet" action={<LinkButton to="edit">Choose who is notified</LinkButton>}>
            The rule is off until it has a destination.
          </EmptyState>
        ) : null}
        {deliveries.length > 0 ? (
          <Card flush title="Deliveries">
            <DeliveryTable deliveries={deliveries} base={base} mayEdit={mayEdit} withRule={false} />
          </Card>
        ) : rule.destination ? (
          <EmptyState title="No notifications yet">
            {mayEdit ? 'Send a test to check that messages arrive.' : 'Each notification appears here.'}
          </EmptyState>
        ) : null}
        <Pager nextCursor={nextCursor} />
      </Columns>
    </>
  );
}

function Facts({ rule, base }: { rule: RuleView; base: string }) {
  const { threshold, remindEveryMinutes, tellRecovery, cooldownMinutes } = rule.conditions;
  const hasThreshold = !['tool_changes', 'report', 'budget', 'installation'].includes(rule.target.kind);
  return (
    <Card title="Facts">
      <DescriptionList
        facts={[
          { term: 'Watches', value: <Target rule={rule} base={base} /> },
          { term: 'Notifies', value: rule.destination?.label ?? 'Nobody yet' },
          ...(hasThreshold
            ? [
                {
                  term: 'After',
                  value:
                    threshold.kind === 'within'
                      ? `${threshold.failures} failures within ${span(threshold.minutes)}`
                      : threshold.failures === 1
                        ? 'The first failure'
                        : `${threshold.failures} failures in a row`,
                },
              ]
            : []),
          { term: 'Reminders', value: remindEveryMinutes === null ? 'None' : every(remindEveryMinutes) },
          { term: 'On recovery', value: tellRecovery ? 'Notifies' : 'Silent' },
          ...(cooldownMinutes > 0 ? [{ term: 'Pause between notifications', value: span(cooldownMinutes) }] : []),
          { term: 'Last notified', value: rule.lastFiredAt ? <Time at={rule.lastFiredAt} relative /> : 'Never' },
          { term: 'Created', value: <Time at={rule.createdAt} /> },
        ]}
      />
    </Card>
  );
}

function Target({ rule: { target }, base }: { rule: RuleView; base: string }) {
  const words = targetLabel(target);
  const folders: { [kind: string]: string } = {
    workflow: 'workflows',
    monitor: 'monitors',
    server: 'servers',
    tool_changes: 'servers',
  };
  const folder = folders[target.kind];
  return folder && target.id ? <TextLink to={`${base}/${folder}/${target.id}`}>{words}</TextLink> : words;
}
