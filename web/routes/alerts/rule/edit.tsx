import { type MetaFunction, redirect, useLoaderData, useParams } from 'react-router';
import { editRule } from '../../../../services/alert-rule/edit.ts';
import { getRule } from '../../../../services/alert-rule/get.ts';
import { setRuleState } from '../../../../services/alert-rule/set-state.ts';
import { requireAccess } from '../../../../services/context/use-case.ts';
import { useActionData } from '../../../shell/action-data.ts';
import { useDraft } from '../../../shell/draft/use-draft.ts';
import { text } from '../../../shell/form.ts';
import { memberAction, memberLoader } from '../../../shell/route.server.ts';
import { Notice } from '../../../ui/base/notice.tsx';
import { ErrorSummary } from '../../../ui/form/error-summary.tsx';
import { loadChoices } from './choices.server.ts';
import { fromRule } from './fields.ts';
import { RuleForm } from './form/rule-form.tsx';
import { RuleHeader } from './header.tsx';
import { readRule, testForm } from './input.server.ts';

export const meta: MetaFunction<typeof loader> = ({ loaderData }) => [
  { title: `Edit ${loaderData?.rule.name ?? 'alert rule'} · Armature` },
];

export const loader = memberLoader(async ({ ctx, params, path }) => {
  const ruleId = params.ruleId ?? '';
  await requireAccess(ctx, editRule.useCase);
  const { rule } = await getRule(ctx, { ruleId });
  if (rule.isArchived) throw redirect(path(`alerts/rules/${ruleId}`));
  return { rule, choices: await loadChoices(ctx, rule.target.id) };
});

export const action = memberAction(async ({ ctx, form, params, path }) => {
  const ruleId = params.ruleId ?? '';
  if (text(form, 'intent') === 'test') return testForm(ctx, form);
  // The built-in rule's form has no target.
  const hasTarget = form.has('targetKind');
  const { target, ...rest } = readRule(form, { hasTarget });
  const { rule } = await editRule(ctx, { ruleId, ...rest, ...(hasTarget && { target }) });
  if (rule.isBuiltIn && form.has('switchOn')) await setRuleState(ctx, { ruleId, state: 'watching' });
  throw redirect(path(`alerts/rules/${ruleId}`));
});

export default function EditRule() {
  const { rule, choices } = useLoaderData<typeof loader>();
  const answer = useActionData<typeof action>();
  const draft = useDraft({ answer, values: answer?.values });
  const base = `/o/${useParams().org}`;
  const problem = answer && 'problem' in answer ? answer.problem : undefined;
  const switchesOn = rule.isBuiltIn && rule.state === 'paused';
  return (
    <>
      <RuleHeader rule={rule} base={base} mayEdit />
      <div className="space-y-6">
        <ErrorSummary problem={problem} />
        {switchesOn ? (
          <Notice title="This rule is off.">
            It notifies of problems of Armature itself, which no other rule would notice. Choose who is notified.
          </Notice>
        ) : null}
        <RuleForm
          draft={draft}
          stored={fromRule(rule)}
          choices={choices}
          isBuiltIn={rule.isBuiltIn}
          switchesOn={switchesOn}
          problem={problem}
          tested={answer && 'tested' in answer ? answer.tested : undefined}
          base={base}
          save={switchesOn ? 'Save and switch on' : 'Save'}
        />
      </div>
    </>
  );
}
