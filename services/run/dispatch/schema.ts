import { z } from 'zod';
import { runMetadata } from '../../../domain/run/metadata.ts';
import { givenId } from '../../../domain/values/id.ts';
import { criterionResultSchema, runSchema } from '../reading/schema.ts';

export const runWorkflowNowInput = z.object({
  workflowId: givenId,
  reason: z
    .string()
    .trim()
    .min(1)
    .max(500)
    .optional()
    .describe('Why, in a few words. The same reason again finds the same run. Needed without an idempotencyKey.'),
  idempotencyKey: z
    .string()
    .min(1)
    .max(200)
    .optional()
    .describe('Your own key: it returns its runs for good. Default: derived from workflow, active version and reason.'),
  modelId: z.string().min(1).max(200).optional().describe("One of the workflow's tester models. Default: all."),
  baselineRunId: givenId.optional().describe('The run of the same workflow to compare this one with.'),
  metadata: runMetadata.optional().describe('Commit, branch and URL of the CI run, shown with the runs.'),
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
    criteria: z
      .array(criterionResultSchema.omit({ gradedBy: true }))
      .optional()
      .describe('How each criterion was graded, once the run has finished.'),
  });
export type StartedRun = z.infer<typeof startedRun>;

export const runWorkflowNowOutput = z.object({
  workflowId: z.uuid(),
  versionId: z.uuid().describe('The active version at the time of this call.'),
  runs: z.array(startedRun),
  idempotencyKey: z.string(),
  reason: z.string().nullable().describe('As it is compared: trimmed, lower case, single spaces.'),
  warnings: z.array(z.object({ code: z.string(), message: z.string(), field: z.string().optional() })),
});
