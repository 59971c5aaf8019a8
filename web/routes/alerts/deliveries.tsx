import { type MetaFunction, useLoaderData, useParams, useSearchParams } from 'react-router';
import { deliveryStates } from '../../../domain/notification/delivery-state.ts';
import { atLeast } from '../../../domain/role/role.ts';
import { listRules } from '../../../services/alert-rule/list.ts';
import { listDeliveries } from '../../../services/delivery/reading/list.ts';
import { useActionData } from '../../shell/action-data.ts';
import { useLive } from '../../shell/live/live.tsx';
import { id, pickOne, query } from '../../shell/query.ts';
import { memberAction, memberLoader } from '../../shell/route.server.ts';
import { LinkButton } from '../../ui/base/button.tsx';
import { Card } from '../../ui/base/card.tsx';
import { EmptyState } from '../../ui/base/empty-state.tsx';
import { Pager } from '../../ui/data/pager.tsx';
import { ErrorSummary } from '../../ui/form/error-summary.tsx';
import { FilterBar } from '../../ui/form/filter-bar.tsx';
import { deliveryKindLabels, deliveryStateLabels } from './delivery-labels.ts';
import { DeliveryTable } from './delivery-table.tsx';
import { AlertsHeader } from './header.tsx';
import { deliveryIntent } from './retry.server.ts';
import { RuleAnswer } from './rule/answer.tsx';

export const meta: MetaFunction = () => [{ title: 'Deliveries · Alerts · Armature' }];

const kinds = ['opened', 'reminder', 'flapping', 'recovered', 'closed', 'test'] as const;

export const loader = memberLoader(async ({ ctx, url, org }) => {
  const asked = query(url, ['state', 'kind', 'rule', 'cursor']);
  const state = pickOne(asked.state, deliveryStates);
  const kind = pickOne(asked.kind, kinds);
  const ruleId = id(asked.rule);
  const [{ rules }, deliveries] = await Promise.all([
    listRules(ctx, { limit: 200 }),
    listDeliveries(ctx, {
      ...(state && { state }),
      ...(kind && { kind }),
      ...(ruleId && { ruleId }),
      ...(asked.cursor && { cursor: asked.cursor }),
      limit: 25,
    }),
  ]);
  return {
    ...deliveries,
    rules: rules.map(({ id: value, name }) => ({ value, text: name })),
    mayEdit: atLeast(org.role, 'editor'),
  };
});

export const action = memberAction(async ({ ctx, form }) => deliveryIntent(ctx, form));

export default function Deliveries() {
  const { deliveries, nextCursor, rules, mayEdit } = useLoaderData<typeof loader>();
  useLive(['delivery']);
  const answer = useActionData<typeof action>();
  const [search] = useSearchParams();
  const base = `/o/${useParams().org}`;
  const filtered = ['state', 'kind', 'rule'].some((name) => search.get(name));
  return (
    <>
      <AlertsHeader note="Each notification and whether it was delivered, newest first." />
      <div className="space-y-4">
        <ErrorSummary problem={answer && 'problem' in answer ? answer.problem : undefined} />
        <RuleAnswer answer={answer && 'done' in answer ? answer : undefined} base={base} />
        {deliveries.length > 0 || filtered ? (
          <FilterBar
            filters={[
              {
                kind: 'select',
                name: 'state',
                label: 'State',
                options: deliveryStates.map((state) => ({ value: state, text: deliveryStateLabels[state] })),
              },
              {
                kind: 'select',
                name: 'kind',
                label: 'Kind',
                options: kinds.map((kind) => ({ value: kind, text: deliveryKindLabels[kind] })),
              },
              { kind: 'choice', name: 'rule', label: 'Rule', options: rules },
            ]}
          />
        ) : null}
        {deliveries.length > 0 ? (
          <Card flush>
            <DeliveryTable deliveries={deliveries} base={base} mayEdit={mayEdit} />
          </Card>
        ) : filtered ? (
          <EmptyState title="No deliveries match your filters." action={<LinkButton to="?">Clear filters</LinkButton>}>
            Change the filters to see other deliveries.
          </EmptyState>
        ) : (
          <EmptyState title="No notifications yet">Sent notifications and their outcomes appear here.</EmptyState>
        )}
        <Pager nextCursor={nextCursor} />
      </div>
    </>
  );
}
