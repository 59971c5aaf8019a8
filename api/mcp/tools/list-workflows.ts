import { z } from 'zod';
import { listWorkflows as useCase } from '../../../services/workflow/list.ts';
import { defineTool, hints } from '../tool.ts';

export const listWorkflows = defineTool({
  name: 'list_workflows',
  title: 'List workflows',
  description: [
    'Returns the workflows of the workspace, newest first: id, name, server, state, schedule, active version id, pass rate over 7 days and last run.',
    'Use it to find a workflow by name or server, or those whose last run failed (status "fail"). Wants no ids; serverId comes from list_mcp_servers.',
    'Next: search_runs with a workflowId; run_workflow_now; the resource armature://workflows/{id} for the definition; propose_workflow_patch with workflowId and activeVersionId as baseVersionId.',
  ].join('\n'),
  useCase,
  input: useCase.useCase.input,
  output: z.object({
    workflows: z.array(
      z.object({
        id: z.uuid(),
        name: z.string(),
        description: z.string(),
        serverId: z.uuid(),
        serverName: z.string(),
        state: z.string().describe('active, paused (manual runs only) or archived'),
        activeVersionId: z.uuid().describe('What propose_workflow_patch wants as baseVersionId.'),
        versionNumber: z.int(),
        schedule: z.string().nullable().describe('Five-field cron expression; null: manual only.'),
        timezone: z.string(),
        scheduleLabel: z.string(),
        schedulePausedByOperator: z.boolean(),
        passRate7d: z
          .number()
          .nullable()
          .describe('0 to 1: pass ÷ (pass + partial + fail) of 7 days (UTC), today the last; null: no such run.'),
        lastRun: z
          .object({ id: z.uuid(), status: z.string(), flagged: z.boolean(), createdAt: z.iso.datetime() })
          .nullable(),
        createdAt: z.iso.datetime(),
      }),
    ),
    nextCursor: z.string().nullable().describe('Pass it as cursor for the next page; null at the end.'),
  }),
  annotations: hints.read,
  untrusted: [],
  subject: ({ serverId }) => serverId,
  run: useCase,
});
