import { Plus } from 'lucide-react';
import { type MetaFunction, useLoaderData, useNavigation, useParams, useSearchParams } from 'react-router';
import { deliveryStates } from '../../../domain/notification/delivery-state.ts';
import { atLeast } from '../../../domain/role/role.ts';
import { listRules } from '../../../services/alert-rule/list.ts';
import { listDeliveries } from '../../../services/delivery/reading/list.ts';
import { listDestinations } from '../../../services/destination/list.ts';
import { disconnectSlack } from '../../../services/destination/slack/disconnect.ts';
import { startSlackInstall } from '../../../services/destination/slack/start-install.ts';
import { archiveWebhook } from '../../../services/destination/webhook/archive.ts';
import { createWebhook } from '../../../services/destination/webhook/create.ts';
import { editWebhook } from '../../../services/destination/webhook/edit.ts';
import { listMaintenance } from '../../../services/maintenance/list.ts';
import { useActionData } from '../../shell/action-data.ts';
import { text } from '../../shell/form.ts';
import { useLive } from '../../shell/live/live.tsx';
import { id, pickOne, query } from '../../shell/query.ts';
import { memberAction, memberLoader } from '../../shell/route.server.ts';
import { LinkButton, TextLink } from '../../ui/base/button.tsx';
import { Card } from '../../ui/base/card.tsx';
import { EmptyState } from '../../ui/base/empty-state.tsx';
import { Notice } from '../../ui/base/notice.tsx';
import { Pager } from '../../ui/data/pager.tsx';
import { ErrorSummary } from '../../ui/form/error-summary.tsx';
import { FilterBar } from '../../ui/form/filter-bar.tsx';
import { PageHeader } from '../../ui/page/page-header.tsx';
import { addMaintenance, endMaintenanceOf } from '../maintenance/intents.server.ts';
import { Maintenance } from '../maintenance/windows.tsx';
import { deliveryStateLabels } from './delivery-labels.ts';
import { DeliveryTable } from './delivery-table.tsx';
import { Destinations, SigningSecret } from './destinations.tsx';
import { GoToSlack } from './go-to-slack.tsx';
import { deliveryIntent, ruleIntent } from './intents.server.ts';
import { ConfirmDeleteRule, RuleTable } from './rule/table.tsx';
import { SlackNotice } from './slack-notice.tsx';

export const meta: MetaFunction = () => [{ title: 'Alerts · Armature' }];

export const loader = memberLoader(async ({ ctx, url, org }) => {
  const asked = query(url, ['state', 'rule', 'rules', 'cursor']);
  const state = pickOne(asked.state, deliveryStates);
  const ruleId = id(asked.rule);
  const [rules, destinations, maintenance, deliveries] = await Promise.all([
    listRules(ctx, { ...(asked.rules && { cursor: asked.rules }), limit: 50 }),
    listDestinations(ctx, {}),
    listMaintenance(ctx, { serverId: null }),
    listDeliveries(ctx, {
      ...(state && { state }),
      ...(ruleId && { ruleId }),
      ...(asked.cursor && { cursor: asked.cursor }),
      limit: 25,
    }),
  ]);
  return {
    rules: rules.rules,
    moreRules: rules.nextCursor,
    destinations,
    windows: maintenance.windows.filter(({ state }, index) => state !== 'over' || index < 10),
    ...deliveries,
    mayEdit: atLeast(org.role, 'editor'),
    mayConnect: atLeast(org.role, 'admin'),
  };
});

export const action = memberAction(async ({ ctx, form }) => {
  const done = (message: string) => ({ done: message });
  switch (text(form, 'intent')) {
    case 'add-webhook': {
      const { webhook, signingSecret } = await createWebhook(ctx, {
        name: text(form, 'webhookName'),
        url: text(form, 'url'),
      });
      return { secret: { name: webhook.name, signingSecret } };
    }
    case 'edit-webhook': {
      const { webhook, signingSecret } = await editWebhook(ctx, {
        webhookId: text(form, 'webhookId'),
        name: text(form, 'webhookName'),
        url: text(form, 'url'),
        ...(form.has('rotateSecret') && { rotateSecret: true as const }),
      });
      return signingSecret === null
        ? done(`The webhook “${webhook.name}” was saved.`)
        : { secret: { name: webhook.name, signingSecret } };
    }
    case 'delete-webhook': {
      const { rules, warnings } = await archiveWebhook(ctx, { webhookId: text(form, 'webhookId') });
      const left = rules.map(({ name }) => `“${name}”`).join(', ');
      return done(
        [
          'The webhook was deleted.',
          ...(left ? [`These rules need another destination: ${left}.`] : []),
          ...warnings.map(({ message }) => message),
        ].join(' '),
      );
    }
    case 'connect-slack':
      return { slackUrl: (await startSlackInstall(ctx, {})).redirectUrl };
    case 'disconnect-slack': {
      const { warnings } = await disconnectSlack(ctx, { installationId: text(form, 'installationId') });
      return done(['The Slack workspace is disconnected.', ...warnings.map(({ message }) => message)].join(' '));
    }
    case 'retry':
      return deliveryIntent(ctx, form);
    case 'add-maintenance':
      return addMaintenance(ctx, form, null);
    case 'end-maintenance':
      return endMaintenanceOf(ctx, form);
    default:
      return ruleIntent(ctx, form, text(form, 'ruleId'));
  }
});

export default function Alerts() {
  const { rules, moreRules, destinations, windows, deliveries, nextCursor, mayEdit, mayConnect } =
    useLoaderData<typeof loader>();
  useLive(['alert_rule', 'delivery']);
  const answer = useActionData<typeof action>();
  const busy = useNavigation().state !== 'idle';
  const [search] = useSearchParams();
  const base = `/o/${useParams().org}`;
  const problem = answer && 'problem' in answer ? answer.problem : undefined;
  const filtered = ['state', 'rule'].some((name) => (search.get(name) ?? '') !== '');
  const doomed = rules.find(({ id: ruleId, isBuiltIn }) => !isBuiltIn && ruleId === search.get('delete'));
  const own = rules.filter(({ isBuiltIn }) => !isBuiltIn);
  const builtIn = rules.find(({ isBuiltIn }) => isBuiltIn);
  const make = mayEdit ? (
    <LinkButton to="rules/new" variant="primary">
      <Plus aria-hidden="true" className="size-4" /> New rule
    </LinkButton>
  ) : null;
  return (
    <div className="space-y-6">
      <PageHeader
        title="Alerts"
        note="Rules notify people when a workflow or monitor fails, a tool changes, or Armature itself has problems."
        actions={
          <>
            <LinkButton to={`${base}/alerts/outbox`}>Outbox</LinkButton>
            {make}
          </>
        }
      />
      <ErrorSummary problem={problem} />
      {answer ? null : <SlackNotice outcome={search.get('slack')} reason={search.get('reason')} />}
      {answer && 'done' in answer ? (
        <Notice tone="good" alert title={answer.done}>
          {'at' in answer && answer.at ? (
            <TextLink to={`${base}/alerts#delivery-${answer.at}`}>View the delivery</TextLink>
          ) : null}
        </Notice>
      ) : null}
      {answer && 'secret' in answer ? <SigningSecret {...answer.secret} /> : null}
      {answer && 'slackUrl' in answer ? <GoToSlack url={answer.slackUrl} /> : null}
      {mayEdit && doomed ? <ConfirmDeleteRule rule={doomed} keep="?" /> : null}
      {own.length > 0 ? (
        <Card flush title="Rules">
          <RuleTable rules={own} base={base} mayEdit={mayEdit} busy={busy} />
        </Card>
      ) : (
        <EmptyState title="No alert rules yet" action={make}>
          Without a rule, incidents are listed but nobody is notified.
        </EmptyState>
      )}
      {moreRules || search.get('rules') ? (
        <nav aria-label="Pages of rules" className="flex justify-between gap-2">
          {search.get('rules') ? <LinkButton to="?">First rules</LinkButton> : <span />}
          {moreRules ? <LinkButton to={`?rules=${encodeURIComponent(moreRules)}`}>More rules</LinkButton> : null}
        </nav>
      ) : null}
      {builtIn ? (
        <Card flush title="Armature itself">
          <p className="max-w-prose px-4 pt-3 text-muted">
            Every workspace has this rule, off until you switch it on: it notifies when no worker takes work, schedules
            are late, or a model provider refuses its key, which no other rule would notice.
            {builtIn.destination || !mayEdit ? null : (
              <>
                {' '}
                <TextLink to={`rules/${builtIn.id}`}>Choose a destination</TextLink> first.
              </>
            )}
          </p>
          <RuleTable rules={[builtIn]} base={base} mayEdit={mayEdit} busy={busy} />
        </Card>
      ) : null}
      <Destinations
        {...destinations}
        base={base}
        mayConnect={mayConnect}
        busy={busy}
        asked={{
          webhook: search.get('webhook'),
          remove: search.get('remove'),
          disconnect: search.get('disconnect'),
        }}
        problem={problem}
        values={answer && 'values' in answer ? answer.values : undefined}
      />
      <Maintenance title="Maintenance of all servers" windows={windows} mayEdit={mayEdit} problem={problem} />
      <section aria-labelledby="history">
        <h2 id="history" className="mb-3 text-base font-semibold">
          Delivery history
        </h2>
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
                kind: 'choice',
                name: 'rule',
                label: 'Rule',
                options: rules.map(({ id, name }) => ({ value: id, text: name })),
              },
            ]}
          />
        ) : null}
        {deliveries.length > 0 ? (
          <Card flush>
            <DeliveryTable deliveries={deliveries} base={base} mayEdit={mayEdit} busy={busy} />
          </Card>
        ) : filtered ? (
          <EmptyState title="No deliveries match your filters.">Change or clear the filters.</EmptyState>
        ) : (
          <EmptyState title="No notifications yet">Sent notifications and their outcomes appear here.</EmptyState>
        )}
        <Pager nextCursor={nextCursor} />
      </section>
    </div>
  );
}
