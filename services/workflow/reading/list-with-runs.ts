import { nextFireTimes } from '../../../domain/schedule/schedule.ts';
import { dayMs } from '../../../domain/values/time.ts';
import { listLatestRuns } from '../../../infra/db/queries/home.ts';
import { countFlagged, listTags } from '../../../infra/db/queries/workflow-history.ts';
import { useCase } from '../../context/use-case.ts';
import { listWorkflows } from './list.ts';
import type { WorkflowRow } from './rows.ts';

/** Runs of each workflow. */
const shownRuns = 20;
const maxTags = 500;

export type WorkflowWithRuns = WorkflowRow & {
  /** Newest last. `status`: `canceled` for an error of that kind. */
  runs: { id: string; status: string }[];
  /** Runs of the last 7 days (UTC) that called a blocked tool. */
  flaggedCount: number;
  /** ISO 8601; null unless it is active, has a schedule, and no operator paused it. */
  nextRunAt: string | null;
};

/**
 * The workflows of the workspace as its page lists them: each with its latest runs and its next one.
 * @returns `tags`: of all workflows, to filter by
 * @throws ArmatureError `mcp_server_not_found`, `validation_failed` (the cursor)
 */
export const listWorkflowsWithRuns = useCase({
  name: 'workflow.list_with_runs',
  access: 'viewer',
  input: listWorkflows.useCase.input,
  async run(
    { ctx, db, orgId, now },
    filters,
  ): Promise<{ workflows: WorkflowWithRuns[]; nextCursor: string | null; tags: string[] }> {
    const at = now();
    const since = new Date((Math.floor(at.getTime() / dayMs) - 6) * dayMs);
    const [{ workflows, nextCursor }, tags] = await Promise.all([
      listWorkflows(ctx, filters),
      listTags(db, { orgId, limit: maxTags }),
    ]);
    const workflowIds = workflows.map(({ id }) => id);
    const [runs, flagged] = await Promise.all([
      listLatestRuns(db, { orgId, workflowIds, each: shownRuns }),
      countFlagged(db, { orgId, workflowIds, since }),
    ]);
    const byWorkflow = Map.groupBy(runs, ({ workflowId }) => workflowId);
    const flaggedCounts = new Map(flagged.map(({ workflowId, count }) => [workflowId, count]));
    const nextRunAt = createNextRun(at);
    return {
      nextCursor,
      tags,
      workflows: workflows.map((workflow) => ({
        ...workflow,
        runs: (byWorkflow.get(workflow.id) ?? []).map(({ runId, status }) => ({ id: runId, status })).reverse(),
        flaggedCount: flaggedCounts.get(workflow.id) ?? 0,
        nextRunAt: nextRunAt(workflow),
      })),
    };
  },
});

/** Many workflows share a schedule, and the search for a time costs more than reading a workflow. */
function createNextRun(now: Date) {
  const times = new Map<string, string | null>();
  return ({ schedule, timezone, state, schedulePausedByOperator }: WorkflowRow): string | null => {
    if (schedule === null || state !== 'active' || schedulePausedByOperator) return null;
    const key = `${schedule} ${timezone}`;
    const known = times.get(key);
    if (known !== undefined) return known;
    const next = nextFireTimes(schedule, timezone, now, 1)[0]?.toISOString() ?? null;
    times.set(key, next);
    return next;
  };
}
