import { type MetaFunction, redirect, useLoaderData, useParams } from 'react-router';
import { alertConditions } from '../../../../domain/notification/rule.ts';
import { createRule } from '../../../../services/alert-rule/create.ts';
import { requireAccess } from '../../../../services/context/use-case.ts';
import { useActionData } from '../../../shell/action-data.ts';
import { useDraft } from '../../../shell/draft/use-draft.ts';
import { text } from '../../../shell/form.ts';
import { id, query } from '../../../shell/query.ts';
import { memberAction, memberLoader } from '../../../shell/route.server.ts';
import { ErrorSummary } from '../../../ui/form/error-summary.tsx';
import { PageHeader } from '../../../ui/page/page-header.tsx';
import { loadChoices } from './choices.server.ts';
import { fromRule } from './fields.ts';
import { RuleForm } from './form/rule-form.tsx';
import { readRule, testForm } from './input.server.ts';

export const meta: MetaFunction = () => [{ title: 'New alert rule · Armature' }];

export const loader = memberLoader(async ({ ctx, url, session }) => {
  await requireAccess(ctx, createRule.useCase);
  const asked = findTarget(url);
  const choices = await loadChoices(ctx, asked?.id);
  const found = [...choices.workflows, ...choices.monitors, ...choices.servers].find(({ id }) => id === asked?.id);
  const target = found && asked ? asked : { kind: '', id: null };
  const name = !found ? '' : target.kind === 'tool_changes' ? `Tools of ${found.name}` : found.name;
  return {
    choices,
    prefilled: {
      name: name.slice(0, 100),
      target,
      destination: { kind: 'email' as const, address: session.user.email },
      conditions: alertConditions.parse({}),
    },
  };
});

/** What the link of a workflow, monitor or server asks for. */
function findTarget(url: URL): { kind: string; id: string } | null {
  const asked = query(url, ['workflow', 'monitor', 'server']);
  const kinds = { workflow: 'workflow', monitor: 'monitor', server: 'tool_changes' } as const;
  for (const name of ['workflow', 'monitor', 'server'] as const) {
    const chosen = id(asked[name]);
    if (chosen) return { kind: kinds[name], id: chosen };
  }
  return null;
}

export const action = memberAction(async ({ ctx, form, path }) => {
  if (text(form, 'intent') === 'test') return testForm(ctx, form);
  const { rule } = await createRule(ctx, readRule(form, { hasTarget: true }));
  throw redirect(path(`alerts/rules/${rule.id}`));
});

export default function NewRule() {
  const { choices, prefilled } = useLoaderData<typeof loader>();
  const answer = useActionData<typeof action>();
  const draft = useDraft({ answer, values: answer?.values });
  const base = `/o/${useParams().org}`;
  const problem = answer && 'problem' in answer ? answer.problem : undefined;
  return (
    <>
      <PageHeader title="New alert rule" trail={[{ to: `${base}/alerts`, text: 'Alerts' }]} />
      <div className="space-y-6">
        <ErrorSummary problem={problem} />
        <RuleForm
          draft={draft}
          stored={fromRule(prefilled)}
          choices={choices}
          problem={problem}
          tested={answer && 'tested' in answer ? answer.tested : undefined}
          base={base}
          save="Create rule"
        />
      </div>
    </>
  );
}
