import { Form, type MetaFunction, useLoaderData } from 'react-router';
import { atLeast } from '../../../../domain/role/role.ts';
import { listBudgets } from '../../../../services/budget/list.ts';
import { setBudget } from '../../../../services/budget/set.ts';
import { getOrganizationSettings } from '../../../../services/organization/get-settings.ts';
import { getUsage } from '../../../../services/usage/get.ts';
import { listWorkflows } from '../../../../services/workflow/reading/list.ts';
import { useActionData } from '../../../shell/action-data.ts';
import { text } from '../../../shell/form.ts';
import { useLive } from '../../../shell/live/live.tsx';
import { query } from '../../../shell/query.ts';
import { memberAction, memberLoader } from '../../../shell/route.server.ts';
import { Button, LinkButton } from '../../../ui/base/button.tsx';
import { Card } from '../../../ui/base/card.tsx';
import { Notice } from '../../../ui/base/notice.tsx';
import { ErrorSummary } from '../../../ui/form/error-summary.tsx';
import { SelectField } from '../../../ui/form/field.tsx';
import { AskOwner } from '../ask-owner.tsx';
import { BudgetForms, BudgetList } from './budgets.tsx';
import { monthName, UsageFigures, UsageMonths, UsageTables } from './usage.tsx';

export const meta: MetaFunction = () => [{ title: 'Plan · Settings · Armature' }];

export const loader = memberLoader(async ({ ctx, org, url }) => {
  const { month } = query(url, ['month']);
  const isOwner = atLeast(org.role, 'owner');
  const [budgets, { owner }, usage, workflows] = await Promise.all([
    listBudgets(ctx, {}),
    getOrganizationSettings(ctx, {}),
    isOwner ? getUsage(ctx, { ...(month && { month }) }) : null,
    isOwner ? listWorkflows(ctx, { limit: 100 }) : null,
  ]);
  return {
    budgets,
    owner,
    usage,
    workflows: workflows?.workflows.map(({ id, name }) => ({ id, name })) ?? [],
  };
});

export const action = memberAction(async ({ ctx, form }) => {
  const amount = (name: string) => {
    const written = text(form, name).replaceAll(/[\s,]/g, '');
    return written === '' ? null : Number(written);
  };
  const workflowId = text(form, 'workflowId') || null;
  const isRemoval = text(form, 'intent') === 'remove';
  await setBudget(ctx, {
    workflowId,
    monthlyTokens: isRemoval ? null : amount('monthlyTokens'),
    monthlyCost: isRemoval ? null : amount('monthlyCost'),
  });
  return { saved: isRemoval ? 'The budget is removed.' : 'The budget is saved.' };
});

export default function Plan() {
  const { budgets, owner, usage, workflows } = useLoaderData<typeof loader>();
  useLive(['budget']);
  const answer = useActionData<typeof action>();
  const problem = answer && 'problem' in answer ? answer.problem : undefined;
  const values = answer && 'values' in answer ? answer.values : undefined;
  return (
    <div className="space-y-6">
      <p className="max-w-prose text-muted">
        Armature is self-hosted: there is nothing to pay here. Months are in UTC.
      </p>
      <ErrorSummary problem={problem} />
      {answer && 'saved' in answer ? <Notice tone="good" alert title={answer.saved} /> : null}
      {usage ? null : <AskOwner owner={owner}>The owner sees the usage and sets budgets.</AskOwner>}
      <BudgetList budgets={budgets} mayEdit={usage !== null} />
      {usage ? (
        <>
          <BudgetForms budgets={budgets} workflows={workflows} problem={problem} values={values} />
          <Card
            title={`Usage in ${monthName(usage.month)}`}
            aside={
              <div className="flex flex-wrap items-end gap-2">
                <Form method="get" className="flex items-end gap-2">
                  <SelectField label={<span className="sr-only">Month</span>} name="month" defaultValue={usage.month}>
                    {usage.months.toReversed().map(({ month }) => (
                      <option key={month} value={month}>
                        {monthName(month)}
                      </option>
                    ))}
                  </SelectField>
                  <Button>Show month</Button>
                </Form>
                <LinkButton to={`../plan.csv?month=${usage.month}`} relative="path" reloadDocument download>
                  Download CSV
                </LinkButton>
              </div>
            }
          >
            <UsageFigures usage={usage} />
          </Card>
          <UsageMonths usage={usage} />
          <UsageTables usage={usage} />
        </>
      ) : null}
    </div>
  );
}
