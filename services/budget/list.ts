import { z } from 'zod';
import { budgetLevels, capScopes, getBudgetLevel, getShare, measures } from '../../domain/budget/budget.ts';
import { useCase } from '../context/use-case.ts';
import { loadCaps } from './caps.ts';

export const listBudgetsOutput = z.object({
  month: z.string(),
  maxConcurrentRuns: z.int().nullable().describe('More wait. Null: no limit.'),
  caps: z
    .array(
      z.object({
        scope: z
          .enum(capScopes)
          .describe('ceiling: of the operator, for each workspace. workspace, workflow: budgets of the owner.'),
        workflowId: z.uuid().nullable(),
        workflowName: z.string().nullable(),
        measure: z.enum(measures).describe('Tokens of testers and judges together, or US dollars.'),
        limit: z.number(),
        used: z.number(),
        share: z.number().describe('used ÷ limit'),
        level: z.enum(budgetLevels).describe('near: at least 80 %. reached: new runs end in an error.'),
      }),
    )
    .describe('The most used first.'),
});
export type Budgets = z.infer<typeof listBudgetsOutput>;

/** What the workspace may use this month (UTC), and what is used of it. */
export const listBudgets = useCase({
  name: 'budget.list',
  access: 'viewer',
  input: z.object({}),
  async run({ ctx, orgId, config }): Promise<Budgets> {
    const { month, caps } = await loadCaps(ctx.deps, { orgId });
    return {
      month,
      maxConcurrentRuns: config.ceilings.concurrentRuns,
      caps: caps
        .map((cap) => ({ ...cap, share: getShare(cap), level: getBudgetLevel(cap) }))
        .sort((a, b) => b.share - a.share),
    };
  },
});
