import { type MetaFunction, redirect, useLoaderData, useNavigation, useParams } from 'react-router';
import { alertConditions } from '../../../../domain/notification/rule.ts';
import { atLeast } from '../../../../domain/role/role.ts';
import { createRule } from '../../../../services/alert-rule/create.ts';
import { listRuleTargets } from '../../../../services/alert-rule/list-targets.ts';
import { listDestinations } from '../../../../services/destination/list.ts';
import { useActionData } from '../../../shell/action-data.ts';
import { DraftForm } from '../../../shell/draft/draft-form.tsx';
import { useDraft } from '../../../shell/draft/use-draft.ts';
import { id, query } from '../../../shell/query.ts';
import { memberAction, memberLoader } from '../../../shell/route.server.ts';
import { Button } from '../../../ui/base/button.tsx';
import { Card } from '../../../ui/base/card.tsx';
import { Notice } from '../../../ui/base/notice.tsx';
import { ErrorSummary } from '../../../ui/form/error-summary.tsx';
import { PageHeader } from '../../../ui/page/page-header.tsx';
import { fromForm, fromRule, fromValues, toRuleInput } from './fields.ts';
import { RuleFields } from './form.tsx';

export const meta: MetaFunction = () => [{ title: 'New alert rule · Armature' }];

export const loader = memberLoader(async ({ ctx, url, org, session }) => {
  const asked = query(url, ['workflow', 'monitor', 'server']);
  const target = [
    { kind: 'workflow', id: id(asked.workflow) },
    { kind: 'monitor', id: id(asked.monitor) },
    { kind: 'tool_changes', id: id(asked.server) },
  ].find((each) => each.id !== undefined);
  const [targets, { slack, webhooks, email }] = await Promise.all([
    listRuleTargets(ctx, { ...(target?.id !== undefined && { chosenId: target.id }) }),
    listDestinations(ctx, {}),
  ]);
  const all = [...targets.workflows, ...targets.monitors, ...targets.servers];
  const name = all.find((each) => each.id === target?.id)?.name;
  return {
    choices: {
      ...targets,
      installations: slack.installations,
      webhooks,
      emailConfigured: email.configured,
    },
    /** Prefilled by links on the pages of workflows, monitors and servers. */
    prefilled: {
      name:
        name === undefined
          ? ''
          : target?.kind === 'tool_changes'
            ? `Tools of ${name}`.slice(0, 100)
            : name.slice(0, 100),
      target: {
        kind: name === undefined ? '' : (target?.kind ?? ''),
        id: name === undefined ? null : (target?.id ?? null),
      },
      destination: { kind: 'email' as const, address: session.user.email },
      conditions: alertConditions.parse({}),
    },
    mayEdit: atLeast(org.role, 'editor'),
  };
});

export const action = memberAction(async ({ ctx, form, path }) => {
  const { rule } = await createRule(ctx, toRuleInput(fromForm(form)));
  throw redirect(path(`alerts/rules/${rule.id}`));
});

export default function NewRule() {
  const { choices, prefilled, mayEdit } = useLoaderData<typeof loader>();
  const answer = useActionData<typeof action>();
  const draft = useDraft({ answer, values: answer?.values });
  const busy = useNavigation().state !== 'idle';
  const base = `/o/${useParams().org}`;
  return (
    <>
      <PageHeader title="New alert rule" trail={[{ to: `${base}/alerts`, text: 'Alerts' }]} />
      <div className="max-w-2xl space-y-4">
        {mayEdit ? null : (
          <Notice tone="warning" title="Your role is read-only.">
            Ask an admin for the editor role.
          </Notice>
        )}
        <Card>
          <DraftForm draft={draft} className="space-y-4">
            <RuleFields
              start={draft.values ? fromValues(draft.values) : fromRule(prefilled)}
              choices={choices}
              problem={answer?.problem}
              base={base}
            />
            <ErrorSummary problem={answer?.problem} />
            <Button variant="primary" disabled={busy || !mayEdit}>
              {busy ? 'Saving …' : 'Create rule'}
            </Button>
          </DraftForm>
        </Card>
      </div>
    </>
  );
}
