import {
  Form,
  type MetaFunction,
  redirect,
  useLoaderData,
  useNavigation,
  useParams,
  useSearchParams,
} from 'react-router';
import { atLeast } from '../../../../domain/role/role.ts';
import { editRule } from '../../../../services/alert-rule/edit.ts';
import { getRule } from '../../../../services/alert-rule/get.ts';
import { listRuleTargets } from '../../../../services/alert-rule/list-targets.ts';
import { setRuleState } from '../../../../services/alert-rule/set-state.ts';
import { listDeliveries } from '../../../../services/delivery/reading/list.ts';
import { listDestinations } from '../../../../services/destination/list.ts';
import { useActionData } from '../../../shell/action-data.ts';
import { DraftForm } from '../../../shell/draft/draft-form.tsx';
import { useDraft } from '../../../shell/draft/use-draft.ts';
import { text } from '../../../shell/form.ts';
import { useLive } from '../../../shell/live/live.tsx';
import { query } from '../../../shell/query.ts';
import { memberAction, memberLoader } from '../../../shell/route.server.ts';
import { Button, LinkButton, TextLink } from '../../../ui/base/button.tsx';
import { Card } from '../../../ui/base/card.tsx';
import { DescriptionList } from '../../../ui/base/description-list.tsx';
import { Notice } from '../../../ui/base/notice.tsx';
import { Time } from '../../../ui/base/time.tsx';
import { Pager } from '../../../ui/data/pager.tsx';
import { ErrorSummary } from '../../../ui/form/error-summary.tsx';
import { inputClass } from '../../../ui/form/field.tsx';
import { PageHeader } from '../../../ui/page/page-header.tsx';
import { DeliveryTable } from '../delivery-table.tsx';
import { deliveryIntent, ruleIntent } from '../intents.server.ts';
import { fromForm, fromRule, fromValues, toDestination, toRuleInput } from './fields.ts';
import { RuleFields } from './form.tsx';
import { ruleSentence, span, targetLabel } from './labels.ts';
import { ConfirmDeleteRule, RuleButtons, RuleState } from './table.tsx';

export const meta: MetaFunction<typeof loader> = ({ loaderData }) => [
  { title: `${loaderData?.rule.name ?? 'Alert rule'} · Armature` },
];

export const loader = memberLoader(async ({ ctx, params, url, org }) => {
  const ruleId = params.ruleId ?? '';
  const { cursor } = query(url, ['cursor']);
  const { rule } = await getRule(ctx, { ruleId });
  const [targets, { slack, webhooks, email }, deliveries] = await Promise.all([
    listRuleTargets(ctx, { ...(rule.target.id !== null && { chosenId: rule.target.id }) }),
    listDestinations(ctx, {}),
    listDeliveries(ctx, { ruleId, ...(cursor && { cursor }), limit: 25 }),
  ]);
  return {
    rule,
    choices: {
      ...targets,
      installations: slack.installations,
      webhooks,
      emailConfigured: email.configured,
    },
    ...deliveries,
    mayEdit: atLeast(org.role, 'editor') && !rule.isArchived,
  };
});

export const action = memberAction(async ({ ctx, form, params, path }) => {
  const ruleId = params.ruleId ?? '';
  switch (text(form, 'intent')) {
    case 'save': {
      const { target, ...rest } = toRuleInput(fromForm(form));
      // The built-in rule's form has no target.
      await editRule(ctx, { ruleId, ...rest, ...(form.has('target') && { target }) });
      return { done: 'The rule was saved.' };
    }
    case 'switch-on': {
      await editRule(ctx, { ruleId, destination: toDestination(fromForm(form)) });
      const { rule } = await setRuleState(ctx, { ruleId, state: 'watching' });
      return { done: `“${rule.name}” watches.` };
    }
    case 'retry':
      return deliveryIntent(ctx, form);
    case 'delete':
      await ruleIntent(ctx, form, ruleId);
      throw redirect(path('alerts'));
    default:
      return ruleIntent(ctx, form, ruleId);
  }
});

const muteFor = [15, 60, 240, 1440, 10_080];

export default function RulePage() {
  const { rule, choices, deliveries, nextCursor, mayEdit } = useLoaderData<typeof loader>();
  useLive(['alert_rule', 'delivery']);
  const answer = useActionData<typeof action>();
  const busy = useNavigation().state !== 'idle';
  const [search] = useSearchParams();
  const base = `/o/${useParams().org}`;
  const problem = answer && 'problem' in answer ? answer.problem : undefined;
  const draft = useDraft({
    answer,
    values: answer && 'values' in answer && answer.values.target !== undefined ? answer.values : undefined,
    isSaved: answer !== undefined && 'done' in answer,
  });
  return (
    <div className="space-y-6">
      <PageHeader
        title={
          <span className="inline-flex flex-wrap items-center gap-3">
            {rule.name}
            <RuleState rule={rule} />
          </span>
        }
        note={ruleSentence({ ...rule, to: rule.destination?.label ?? null })}
        trail={[{ to: `${base}/alerts`, text: 'Alerts' }]}
        actions={
          mayEdit ? (
            <>
              <RuleButtons rule={rule} busy={busy} />
              {rule.isBuiltIn ? null : (
                <LinkButton to="?confirm=delete#delete" variant="danger">
                  Delete
                </LinkButton>
              )}
            </>
          ) : null
        }
      />
      <ErrorSummary problem={problem} />
      {answer && 'done' in answer ? (
        <Notice tone="good" alert title={answer.done}>
          {'at' in answer && answer.at ? <a href={`#delivery-${answer.at}`}>View the delivery</a> : null}
        </Notice>
      ) : null}
      {rule.isArchived ? <Notice title="This rule was deleted.">Its deliveries stay readable.</Notice> : null}
      {rule.destination?.problem ? <Notice tone="warning" title={rule.destination.problem} /> : null}
      {mayEdit && search.get('confirm') === 'delete' ? <ConfirmDeleteRule rule={rule} keep="?" /> : null}
      <Card title="Overview">
        <DescriptionList
          facts={[
            { term: 'Watches', value: <Target rule={rule} base={base} /> },
            { term: 'Destination', value: rule.destination?.label ?? 'No destination' },
            { term: 'Last fired', value: rule.lastFiredAt ? <Time at={rule.lastFiredAt} relative /> : 'Never' },
            { term: 'Created', value: <Time at={rule.createdAt} /> },
          ]}
        />
        {mayEdit && !rule.mutedUntil ? (
          <Form method="post" action="?" className="mt-4 flex flex-wrap items-center gap-2 border-line border-t pt-4">
            <select name="minutes" aria-label="Mute for" defaultValue="60" className={`${inputClass} w-auto!`}>
              {muteFor.map((minutes) => (
                <option key={minutes} value={minutes}>
                  {span(minutes)}
                </option>
              ))}
            </select>
            <Button name="intent" value="mute" disabled={busy}>
              Mute
            </Button>
            <span className="text-muted">Incidents still open when the mute ends are notified then.</span>
          </Form>
        ) : null}
      </Card>
      {mayEdit ? (
        <Card title="Edit the rule">
          <DraftForm draft={draft} action="?" className="max-w-2xl space-y-4">
            <RuleFields
              key={`${rule.id} ${JSON.stringify(rule.conditions)} ${rule.destination?.label}`}
              start={draft.values ? fromValues(draft.values) : fromRule(rule)}
              choices={choices}
              isBuiltIn={rule.isBuiltIn}
              problem={problem}
              base={base}
            />
            <div className="flex flex-wrap gap-2">
              <Button variant="primary" name="intent" value="save" disabled={busy}>
                Save
              </Button>
              {rule.isBuiltIn && rule.state === 'paused' ? (
                <Button name="intent" value="switch-on" disabled={busy}>
                  Save and enable
                </Button>
              ) : null}
            </div>
          </DraftForm>
        </Card>
      ) : null}
      <section aria-labelledby="deliveries">
        <Card flush title={<span id="deliveries">Deliveries</span>}>
          {deliveries.length === 0 ? (
            <p className="p-4 text-muted">No notifications yet. Send a test to check that messages arrive.</p>
          ) : (
            <DeliveryTable deliveries={deliveries} base={base} mayEdit={mayEdit} busy={busy} withRule={false} />
          )}
        </Card>
        <Pager nextCursor={nextCursor} />
      </section>
    </div>
  );
}

function Target({
  rule: { target },
  base,
}: {
  rule: { target: { kind: string; id: string | null; name: string | null } };
  base: string;
}) {
  const words = targetLabel(target);
  const folder = { workflow: 'workflows', monitor: 'monitors', tool_changes: 'servers' }[target.kind];
  return folder && target.id ? <TextLink to={`${base}/${folder}/${target.id}`}>{words}</TextLink> : words;
}
