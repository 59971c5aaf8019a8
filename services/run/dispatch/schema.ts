import { z } from 'zod';
import { runSchema } from '../reading/schema.ts';

export const runWorkflowNowInput = z.object({
  workflowId: z.uuid(),
  reason: z.string().trim().min(1).max(500).describe('Why, in a few words. The same reason again finds the same run.'),
  idempotencyKey: z
    .string()
    .min(1)
    .max(200)
    .optional()
    .describe('Your own key: it returns its runs for good. Default: derived from workflow, active version and reason.'),
  modelId: z.string().min(1).max(200).optional().describe("One of the workflow's tester models. Default: all."),
  baselineRunId: z.uuid().optional().describe('The run to compare this one with.'),
  forceNewRun: z.boolean().default(false).describe('Start a new run even if the last one with this key has ended.'),
  wait: z.boolean().default(false).describe('Answer when the runs have ended.'),
  waitSeconds: z.int().min(1).max(300).default(45),
});

export const startedRun = runSchema
  .pick({
    model: true,
    status: true,
    attempt: true,
    flagged: true,
    error: true,
    createdAt: true,
    finishedAt: true,
    durationMs: true,
  })
  .extend({
    runId: z.uuid(),
    reused: z.boolean().describe('True for a run that existed before this call.'),
  });
export type StartedRun = z.infer<typeof startedRun>;

export const runWorkflowNowOutput = z.object({
  workflowId: z.uuid(),
  versionId: z.uuid().describe('The active version at the time of this call.'),
  runs: z.array(startedRun),
  idempotencyKey: z.string(),
  reason: z.string().describe('As it is compared: trimmed, lower case, single spaces.'),
  warnings: z.array(z.object({ code: z.string(), message: z.string(), field: z.string().optional() })),
});
