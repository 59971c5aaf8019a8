import { z } from 'zod';
import { toolName } from '../catalog/tool-name.ts';
import { scheduleProblem } from '../schedule/schedule.ts';
import { isTimezone } from '../schedule/timezone.ts';
import { givenId } from '../values/id.ts';

export const workflowStates = ['active', 'paused', 'archived'] as const;

const modelId = z
  .string()
  .min(1)
  .max(200)
  .describe('Model id as in the model catalog, for example "builtin/scripted".');

export const criterion = z.object({
  id: z.uuid().describe('Kept across versions while only the text or the flag changes.'),
  text: z
    .string()
    .trim()
    .min(1, 'A criterion needs a line of text.')
    .max(2000)
    .refine((text) => !/[\r\n]/.test(text), 'A criterion is one line: put each outcome on a line of its own.')
    .describe('One observable outcome, one line of plain English or an assertion.'),
  isRequired: z.boolean().default(true),
});
export type Criterion = z.infer<typeof criterion>;

export const toolPolicy = z
  .object({
    allowedTools: z
      .array(toolName)
      .max(500)
      .default([])
      .describe('When not empty, the only tools the agent is offered.'),
    blockedTools: z
      .array(toolName)
      .max(500)
      .default([])
      .describe('Tools that the agent must not call; a call flags the run.'),
  })
  .superRefine(({ allowedTools, blockedTools }, issue) => {
    for (const [index, tool] of blockedTools.entries())
      if (allowedTools.includes(tool))
        issue.addIssue({
          code: 'custom',
          path: ['blockedTools', index],
          message: `"${tool}" is both allowed and blocked: take it off one list.`,
        });
  });
export type ToolPolicy = z.infer<typeof toolPolicy>;

export const limits = z.object({
  turns: z.int().min(1).max(200).default(20).describe('Model turns a run.'),
  toolCalls: z.int().min(0).max(1000).default(50).describe('Tool calls a run.'),
  seconds: z.int().min(1).max(3600).default(300).describe('Wall time of a run, in seconds.'),
  tokens: z
    .int()
    .min(1)
    .max(10_000_000)
    .default(200_000)
    .describe('Input and output tokens of the tester model a run.'),
  toolCallSeconds: z.int().min(1).max(600).default(60).describe('Wall time of one tool call, in seconds.'),
});
export type Limits = z.infer<typeof limits>;

export const retryPolicy = z.object({
  attempts: z
    .int()
    .min(1)
    .max(10)
    .default(3)
    .describe('Attempts at one model or transport failure, the first included.'),
  backoffSeconds: z.number().min(0).max(60).default(1).describe('Wait before the second attempt; doubles each time.'),
});
export type RetryPolicy = z.infer<typeof retryPolicy>;

/**
 * The definition of a workflow, which a version snapshots (docs/workflows.md). Types, JSON Schema and forms derive from
 * it. `schedule`: a five-field cron expression, or null for manual only. `none`: the word that agents use for null.
 */
export const workflowDefinition = z.object({
  name: z.string().trim().min(1, 'A workflow needs a name.').max(200),
  description: z.string().trim().max(2000).default(''),
  serverId: givenId,
  authProfileId: givenId
    .nullable()
    .meta({ none: { word: 'default', means: "the server's default profile" } })
    .default(null),
  testerModels: z
    .array(modelId)
    .min(1, 'Choose at least one tester model.')
    .max(10)
    .refine((models) => new Set(models).size === models.length, 'Each tester model may be named once.'),
  judgeModel: modelId,
  prompt: z.string().trim().min(1, 'A workflow needs a prompt.').max(50_000),
  criteria: z
    .array(criterion)
    .min(1, 'A workflow needs at least one success criterion.')
    .max(100)
    .refine((all) => new Set(all.map(({ id }) => id)).size === all.length, 'Two criteria share an id.'),
  schedule: z
    .string()
    .trim()
    .nullable()
    .meta({ none: { word: 'manual', means: 'only manual runs' } })
    .default(null)
    .superRefine((cron, issue) => {
      const problem = cron === null ? null : scheduleProblem(cron);
      if (problem) issue.addIssue({ code: 'custom', message: problem });
    }),
  timezone: z
    .string()
    .default('UTC')
    .refine(
      isTimezone,
      'Not an IANA time zone, or not spelled as one. Examples: UTC, Europe/Berlin, America/New_York.',
    ),
  toolPolicy: toolPolicy.default({ allowedTools: [], blockedTools: [] }),
  limits: limits.default(limits.parse({})),
  retryPolicy: retryPolicy.default(retryPolicy.parse({})),
  storeToolResults: z
    .boolean()
    .default(true)
    .describe('When false, only shape, size and outcome of tool results are kept.'),
  metadata: z.record(z.string().max(100), z.string().max(1000)).default({}),
});
export type WorkflowDefinition = z.infer<typeof workflowDefinition>;
