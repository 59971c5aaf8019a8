import { Form, useNavigation, useParams } from 'react-router';
import type { Budgets } from '../../../../services/budget/list.ts';
import { kept, type Values } from '../../../shell/form.ts';
import { fieldProblem, type Problem } from '../../../shell/problem.ts';
import { useFormat } from '../../../shell/reader-provider.tsx';
import { Badge } from '../../../ui/base/badge.tsx';
import { Button, TextLink } from '../../../ui/base/button.tsx';
import { Card } from '../../../ui/base/card.tsx';
import { type Column, DataTable } from '../../../ui/data/data-table.tsx';
import { SelectField, TextField } from '../../../ui/form/field.tsx';
import { monthName } from './usage.tsx';

type Cap = Budgets['caps'][number];
const bars = { ok: 'bg-pass', near: 'bg-partial', reached: 'bg-fail' } as const;

/** Ceilings and budgets of this month with what is used of them. */
export function BudgetList({ budgets, mayEdit }: { budgets: Budgets; mayEdit: boolean }) {
  const format = useFormat();
  const { caps, maxConcurrentRuns, month } = budgets;
  const amount = ({ measure }: Cap, value: number) =>
    measure === 'tokens' ? format.number(Math.round(value)) : format.cost(value);
  return (
    <Card flush title={`Ceilings and budgets in ${monthName(month)}`}>
      {caps.length === 0 ? (
        <p className="p-4 text-muted">No ceiling and no budget: nothing limits what runs use.</p>
      ) : (
        <DataTable
          label="Ceilings and budgets"
          rows={caps}
          rowKey={({ scope, workflowId, measure }) => `${scope} ${workflowId} ${measure}`}
          columns={[
            { key: 'state', head: 'State', phone: 'status', cell: ({ level }) => <CapState level={level} /> },
            { key: 'of', head: 'Of', phone: 'title', cell: (cap) => <CapName cap={cap} /> },
            { key: 'measure', head: 'Limits', cell: ({ measure }) => (measure === 'tokens' ? 'Tokens' : 'Cost') },
            {
              key: 'used',
              head: 'Used',
              unit: 'used',
              cell: (cap) => (
                <>
                  <span className="tabular-nums">
                    {amount(cap, cap.used)} ({format.percent(cap.share)})
                  </span>
                  <span aria-hidden="true" className="mt-1 hidden h-2 w-full min-w-40 rounded-xs bg-sunken md:block">
                    <span
                      className={`block h-2 rounded-xs ${bars[cap.level]}`}
                      style={{ width: `${Math.min(1, cap.share) * 100}%` }}
                    />
                  </span>
                </>
              ),
            },
            { key: 'limit', head: 'Limit', align: 'right', unit: 'limit', cell: (cap) => amount(cap, cap.limit) },
            ...(mayEdit ? [remove] : []),
          ]}
        />
      )}
      {maxConcurrentRuns === null ? null : (
        <p className="border-t border-line p-4 text-muted">
          The operator allows {format.count(maxConcurrentRuns, 'run')} at the same time. Further ones wait.
        </p>
      )}
    </Card>
  );
}

const remove: Column<Cap> = {
  key: 'remove',
  head: 'Remove',
  headHidden: true,
  align: 'right',
  cell: ({ scope, workflowId, workflowName }) =>
    scope === 'ceiling' ? (
      <span className="text-muted">By the operator</span>
    ) : (
      <Form method="post">
        <input type="hidden" name="intent" value="remove" />
        <input type="hidden" name="workflowId" value={workflowId ?? ''} />
        <Button aria-label={`Remove the budget of ${workflowName ?? 'the workspace'}`}>Remove</Button>
      </Form>
    ),
};

function CapState({ level }: Pick<Cap, 'level'>) {
  if (level === 'ok') return 'Room left';
  if (level === 'near') return <Badge tone="partial">Nearly used up</Badge>;
  return <Badge tone="fail">Used up: new runs end in an error</Badge>;
}

function CapName({ cap: { scope, workflowId, workflowName } }: { cap: Cap }) {
  const base = `/o/${useParams().org}`;
  if (scope === 'ceiling') return 'This workspace (ceiling of the operator)';
  if (workflowId === null) return 'This workspace';
  return <TextLink to={`${base}/workflows/${workflowId}`}>{workflowName}</TextLink>;
}

/** Sets the budget of the workspace or of one of its workflows. */
export function BudgetForms({
  budgets,
  workflows,
  problem,
  values,
}: {
  budgets: Budgets;
  workflows: { id: string; name: string }[];
  problem: Problem | undefined;
  values: Values | undefined;
}) {
  const busy = useNavigation().state === 'submitting';
  const limit = (measure: Cap['measure']) =>
    budgets.caps.find((cap) => cap.scope === 'workspace' && cap.measure === measure)?.limit.toString() ?? '';
  return (
    <Card title="Set a budget">
      <Form method="post" className="flex flex-wrap items-start gap-3">
        <SelectField
          label="Of"
          name="workflowId"
          defaultValue={kept(values, 'workflowId')}
          problem={fieldProblem(problem, 'workflowId')}
        >
          <option value="">This workspace</option>
          {workflows.map(({ id, name }) => (
            <option key={id} value={id}>
              {name}
            </option>
          ))}
        </SelectField>
        <TextField
          label="Tokens a month"
          name="monthlyTokens"
          inputMode="numeric"
          autoComplete="off"
          defaultValue={kept(values, 'monthlyTokens', limit('tokens'))}
          problem={fieldProblem(problem, 'monthlyTokens')}
          hint="Of testers and judges. Empty: no limit."
        />
        <TextField
          label="US dollars a month"
          name="monthlyCost"
          inputMode="decimal"
          autoComplete="off"
          defaultValue={kept(values, 'monthlyCost', limit('cost'))}
          problem={fieldProblem(problem, 'monthlyCost')}
          hint="Of models with a known price. Empty: no limit."
        />
        <div className="w-full">
          <Button variant="primary" disabled={busy}>
            Save budget
          </Button>
        </div>
        <p className="w-full text-muted">
          At 80 % an incident opens, and alert rules for budgets notify. At 100 %, running runs end as usual, and new
          ones end in an error.
        </p>
      </Form>
    </Card>
  );
}
