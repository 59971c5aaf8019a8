import { z } from 'zod';
import { listBudgets, listBudgetsOutput } from '../../../services/budget/list.ts';
import { setBudget, setBudgetInput } from '../../../services/budget/set.ts';
import { exportUsage } from '../../../services/usage/export.ts';
import { getUsage } from '../../../services/usage/get.ts';
import { usageInput, usageOutput } from '../../../services/usage/schema.ts';
import { defineRoute } from '../route.ts';

export const planRoutes = [
  defineRoute({
    method: 'GET',
    path: '/org/usage',
    summary: 'Returns what a month (UTC) used: tokens, cost, runs and checks, by workflow, model and server',
    useCase: getUsage,
    input: usageInput,
    output: usageOutput.meta({ id: 'Usage' }),
    run: (ctx, given) => getUsage(ctx, given),
  }),
  defineRoute({
    method: 'GET',
    path: '/org/usage/csv',
    summary: 'Returns the same as CSV: a line for each workflow, model and server, and for the checks of each server',
    useCase: exportUsage,
    input: usageInput,
    output: z.object({ name: z.string().describe('File name.'), csv: z.string() }),
    run: (ctx, given) => exportUsage(ctx, given),
  }),
  defineRoute({
    method: 'GET',
    path: '/org/budgets',
    summary: 'Returns ceilings and budgets of this month (UTC), with what is used of them',
    useCase: listBudgets,
    input: z.object({}),
    output: listBudgetsOutput.meta({ id: 'Budgets' }),
    run: (ctx, given) => listBudgets(ctx, given),
  }),
  defineRoute({
    method: 'PATCH',
    path: '/org/budgets',
    summary: 'Sets or removes the monthly budget of the workspace or of a workflow',
    description:
      'Replaces both limits. With both null the budget is removed. When it is used up, running runs end and new ones end in an error of kind budget.',
    useCase: setBudget,
    input: setBudgetInput,
    output: setBudgetInput,
    run: (ctx, given) => setBudget(ctx, given),
  }),
];
