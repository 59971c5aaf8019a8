import { z } from 'zod';
import { formatAmount, measures } from '../../domain/budget/budget.ts';
import { givenId } from '../../domain/values/id.ts';
import type { Tx } from '../../infra/db/index.ts';
import { validationError } from '../context/errors.ts';
import { newId } from '../context/ids.ts';
import { type UseCaseContext, useCase } from '../context/use-case.ts';
import { workflowNotFound } from '../workflow/errors.ts';
import { observeBudgets } from './observe.ts';

export const setBudgetInput = z.object({
  workflowId: givenId.nullable().default(null).describe('Null: the budget of the whole workspace.'),
  monthlyTokens: z.int().min(0).max(1e15).nullable().describe('Tokens of testers and judges together. Null: no limit.'),
  monthlyCost: z.number().min(0).max(1e9).nullable().describe('US dollars. Null: no limit.'),
});
type Budget = z.output<typeof setBudgetInput>;

/**
 * Sets what the workspace, or one of its workflows, may use in a month (UTC), below the operator's ceilings. Without a
 * limit the budget is removed. When it is used up, runs that are running end, and new ones end in `error` (budget).
 * @throws ArmatureError `validation_failed` (above the ceiling), `workflow_not_found`
 */
export const setBudget = useCase({
  name: 'budget.set',
  access: 'owner',
  input: setBudgetInput,
  async run(context, budget): Promise<Budget> {
    const { ctx, orgId, write } = context;
    const { workflowId } = budget;
    requireBelowCeilings(context, budget);
    await write((tx) => save(tx, orgId, budget), { subject: workflowId ?? orgId, data: budget });
    await observeBudgets(ctx.deps, { orgId });
    return budget;
  },
});

function requireBelowCeilings({ config }: UseCaseContext, { monthlyTokens, monthlyCost }: Budget): void {
  const given = { tokens: monthlyTokens, cost: monthlyCost };
  const ceilings = { tokens: config.ceilings.monthlyTokens, cost: config.ceilings.monthlyCost };
  const wrong = measures.flatMap((measure) => {
    const [limit, most] = [given[measure], ceilings[measure]];
    if (limit === null || most === null || limit <= most) return [];
    const field = measure === 'tokens' ? 'monthlyTokens' : 'monthlyCost';
    const message = `The operator allows a workspace at most ${formatAmount(measure, most)} a month.`;
    return [{ field, message }];
  });
  if (wrong.length > 0) throw validationError(wrong, 'Set a lower budget, or ask the operator for more.');
}

async function save(tx: Tx, orgId: string, { workflowId, monthlyTokens, monthlyCost }: Budget): Promise<void> {
  // The row is locked, so that two calls at the same time don't create two budgets.
  await tx.$queryRaw`SELECT 1 FROM "Organization" WHERE "id" = ${orgId}::uuid FOR NO KEY UPDATE`;
  if (workflowId !== null) {
    const workflow = await tx.workflow.findFirst({ where: { orgId, id: workflowId }, select: { id: true } });
    if (!workflow) throw workflowNotFound();
  }
  if (monthlyTokens === null && monthlyCost === null) {
    await tx.budget.deleteMany({ where: { orgId, workflowId } });
    return;
  }
  const limits = { monthlyTokens: monthlyTokens === null ? null : BigInt(monthlyTokens), monthlyCost };
  const { count } = await tx.budget.updateMany({ where: { orgId, workflowId }, data: limits });
  if (count === 0) await tx.budget.create({ data: { id: newId(), orgId, workflowId, ...limits } });
}
