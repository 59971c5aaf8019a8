import { z } from 'zod';
import { month } from '../../domain/budget/month.ts';

export const usageInput = z.object({
  month: month.optional().describe('A month in UTC as YYYY-MM. Default: the present one.'),
});

const amount = z.object({
  runs: z.int().describe('Runs that ended in the month, without those that a budget refused.'),
  testerTokens: z.int(),
  judgeTokens: z.int(),
  cost: z.number().describe('US dollars, of the runs whose price is known.'),
  unpricedRuns: z.int().describe('Runs that used tokens without a known price.'),
});

export const usageOutput = z.object({
  month: z.string(),
  total: amount.extend({ checks: z.int() }),
  workflows: z
    .array(amount.extend({ workflowId: z.uuid(), name: z.string() }))
    .describe('The most expensive first, at most 100.'),
  models: z.array(amount.extend({ model: z.string() })),
  servers: z.array(amount.extend({ serverId: z.uuid(), name: z.string(), checks: z.int() })),
  months: z.array(amount.extend({ month: z.string() })).describe('The last 12 months, oldest first.'),
  forecast: z
    .object({ runs: z.int(), tokens: z.int(), cost: z.number() })
    .nullable()
    .describe('At its end, at the pace so far. Null on the first day, and for a month that is over.'),
});
export type Usage = z.infer<typeof usageOutput>;
