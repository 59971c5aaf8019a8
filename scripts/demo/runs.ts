import { isTerminal, runStatuses } from '../../domain/run/run.ts';
import { oneOf } from '../../domain/values/closed-set.ts';
import { dayMs } from '../../domain/values/time.ts';
import { newId } from '../../services/context/ids.ts';
import { dispatchRun } from '../../services/run/dispatch/dispatch.ts';
import { createWorkflow } from '../../services/workflow/create.ts';
import type { Demo } from './fill.ts';
import { createRandom } from './random.ts';
import { setSwitches } from './shop.ts';
import { type ServerKey, workflows } from './team.ts';

const days = 21;
const waitMs = 60_000;

export type Flaky = { workflowId: string; name: string; runId: string };

/** Creates the workflows, runs each well and badly, and copies both into the past. @returns the one that fails most */
export async function addRunHistory(demo: Demo, idOf: (key: ServerKey) => string): Promise<Flaky> {
  let flaky: Flaky | undefined;
  for (const of of workflows) {
    const { workflow } = await createWorkflow(demo.ctx, {
      definition: {
        name: of.name,
        description: of.description,
        serverId: idOf(of.server),
        testerModels: ['builtin/scripted'],
        judgeModel: 'builtin/assertions',
        prompt: [of.description, ...of.steps].join('\n'),
        criteria: of.criteria.map((text) => ({ text, isRequired: true })),
        schedule: of.schedule,
      },
    });
    const { good, bad } = await runBoth(demo, workflow.id, of);
    const random = createRandom(of.name);
    const now = demo.ctx.deps.now().getTime();
    const copies = Array.from({ length: days * 6 }, (_, index) => ({
      id: newId(),
      at: new Date(now - (index + 1) * (dayMs / 6)).toISOString(),
      seconds: 4 + random() * 9,
      tokens: Math.round(1800 + random() * 1400),
      isBad: random() < of.failing.share,
    }));
    await copyRuns(
      demo,
      good,
      copies.filter(({ isBad }) => !isBad),
    );
    await copyRuns(
      demo,
      bad,
      copies.filter(({ isBad }) => isBad),
    );
    if (of.isFlaky) flaky = { workflowId: workflow.id, name: of.name, runId: bad };
  }
  const since = new Date(demo.ctx.deps.now().getTime() - (days + 1) * dayMs);
  for (const table of ['Server', 'Workflow', 'WorkflowVersion'])
    await demo.owner.query(`UPDATE "${table}" SET "createdAt" = $2 WHERE "orgId" = $1`, [demo.ctx.actor.orgId, since]);
  if (!flaky) throw new Error('No workflow of the demo is flaky.');
  return flaky;
}

/** Runs it well and badly. What comes last is how the workflow stands: only the flaky one fails. */
async function runBoth(demo: Demo, workflowId: string, { failing, isFlaky }: (typeof workflows)[number]) {
  const ids = { good: '', bad: '' };
  try {
    for (const outcome of isFlaky ? (['good', 'bad'] as const) : (['bad', 'good'] as const)) {
      await setSwitches(demo, { fail: outcome === 'bad' ? { [failing.tool]: failing.error } : {} });
      ids[outcome] = await runOnce(demo, workflowId, outcome);
    }
    return ids;
  } finally {
    await setSwitches(demo, { fail: {} });
  }
}

async function runOnce({ ctx }: Demo, workflowId: string, key: string): Promise<string> {
  const { runs } = await dispatchRun(ctx, { workflowId, idempotencyKey: `demo-${key}` });
  const runId = runs[0]?.runId;
  if (runId === undefined) throw new Error('The run was not dispatched.');
  const deadline = Date.now() + waitMs;
  for (;;) {
    const { status } = await ctx.deps.db.run.findUniqueOrThrow({ where: { id: runId }, select: { status: true } });
    if (isTerminal(oneOf(runStatuses, status))) return runId;
    if (Date.now() > deadline) throw new Error('A run did not end. Is a worker running?');
    await new Promise((resume) => setTimeout(resume, 200));
  }
}

type Copy = { id: string; at: string; seconds: number; tokens: number };

/** Copies a run with its trace, calls and verdicts to other times. */
async function copyRuns({ owner }: Demo, runId: string, copies: readonly Copy[]): Promise<void> {
  if (copies.length === 0) return;
  const list = JSON.stringify(copies);
  const from = `jsonb_to_recordset($2::jsonb) AS c(id uuid, at timestamptz, seconds float, tokens int)`;
  await owner.query(
    `INSERT INTO "Run" SELECT (jsonb_populate_record(r, jsonb_build_object('id', c.id, 'createdAt', c.at, 'trigger', 'scheduled',
       'scheduledAt', c.at, 'idempotencyKey', null, 'startedAt', c.at + interval '1 s',
       'finishedAt', c.at + make_interval(secs => 1 + c.seconds), 'inputTokens', c.tokens, 'outputTokens', c.tokens / 6,
       'cost', c.tokens * 0.000004))).* FROM "Run" r, ${from} WHERE r."id" = $1`,
    [runId, list],
  );
  for (const [table, time] of [
    ['TraceEvent', 'at'],
    ['ToolCall', 'startedAt'],
  ] as const)
    await owner.query(
      `INSERT INTO "${table}" SELECT (jsonb_populate_record(t, jsonb_build_object('runId', c.id,
         '${time}', c.at + interval '1 s' + (t."${time}" - r."startedAt")))).* FROM "${table}" t, "Run" r, ${from}
       WHERE t."runId" = $1 AND r."id" = $1`,
      [runId, list],
    );
  await owner.query(
    `INSERT INTO "CriterionResult" SELECT (jsonb_populate_record(t, jsonb_build_object('runId', c.id))).*
     FROM "CriterionResult" t, ${from} WHERE t."runId" = $1`,
    [runId, list],
  );
}
