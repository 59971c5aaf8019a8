import type { Cap, CapScope, Measure } from '../../domain/budget/budget.ts';
import { toMonth } from '../../domain/budget/month.ts';
import type { Tx } from '../../infra/db/index.ts';
import { type Spent, sumSpent } from '../../infra/db/queries/usage.ts';
import type { Deps } from '../context/context.ts';

type Limits = { scope: CapScope; workflowId: string | null; workflowName: string | null } & {
  [measure in Measure]: number | null;
};

/**
 * Every limit of the present month with what is used of it: the operator's ceilings, the workspace's budget, and the
 * budgets of its workflows.
 * @param of.workflowId only the caps of a run of this workflow
 */
export async function loadCaps(
  { db, config, now }: Pick<Deps, 'config' | 'now'> & { db: Deps['db'] | Tx },
  { orgId, workflowId }: { orgId: string; workflowId?: string },
): Promise<{ month: string; caps: Cap[] }> {
  const month = toMonth(now());
  const budgets = await db.budget.findMany({
    where: { orgId, ...(workflowId !== undefined && { OR: [{ workflowId }, { workflowId: null }] }) },
    include: { workflow: { select: { name: true } } },
    orderBy: { id: 'asc' },
  });
  const { monthlyTokens, monthlyCost } = config.ceilings;
  const all: Limits[] = [
    { scope: 'ceiling', workflowId: null, workflowName: null, tokens: monthlyTokens, cost: monthlyCost },
    ...budgets.map((row) => ({
      scope: row.workflowId === null ? ('workspace' as const) : ('workflow' as const),
      workflowId: row.workflowId,
      workflowName: row.workflow?.name ?? null,
      tokens: row.monthlyTokens === null ? null : Number(row.monthlyTokens),
      cost: row.monthlyCost === null ? null : row.monthlyCost.toNumber(),
    })),
  ];
  if (all.every(({ tokens, cost }) => tokens === null && cost === null)) return { month, caps: [] };
  const workflowIds = budgets.flatMap((row) => row.workflowId ?? []);
  const spent = await sumSpent(db, { orgId, month, workflowIds });
  const nothing: Spent = { tokens: 0, cost: 0 };
  return {
    month,
    caps: all.flatMap(({ scope, workflowId, workflowName, ...limits }) => {
      const of = workflowId === null ? spent.workspace : (spent.workflows.get(workflowId) ?? nothing);
      return (['tokens', 'cost'] as const).flatMap((measure) => {
        const limit = limits[measure];
        return limit === null ? [] : [{ scope, workflowId, workflowName, measure, limit, used: of[measure] }];
      });
    }),
  };
}
