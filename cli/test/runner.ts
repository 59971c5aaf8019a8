import pLimit from 'p-limit';
import type { TraceEvent } from '../../domain/run/run.ts';
import type { PassRule } from '../../domain/stats/pass-rule.ts';
import { diagnoseRun, findWarnings } from './diagnosis.ts';
import type { Planned } from './plan.ts';
import { type DiagnosedRun, type Group, toGroup } from './results.ts';
import type { LocalRun, RunWorkflow } from './run.ts';

/** One run of the plan. `number` counts from 1 to `of`. */
export type Job = { workflow: Planned; model: string; number: number; of: number };

export type Listener = {
  started(job: Job): void;
  event(job: Job, event: TraceEvent): void;
  ended(job: Job, run: LocalRun): void;
};

/**
 * Runs every workflow with every model as often as planned. After an abort, a failure with `bail`, or a used-up budget,
 * no further run begins.
 */
export async function runPlan(
  workflows: readonly Planned[],
  {
    run,
    listener,
    signal,
    ...options
  }: {
    run: RunWorkflow;
    listener: Listener;
    signal: AbortSignal;
    concurrency: number;
    bail: boolean;
    /** US dollars for all runs together. */
    maxCost: number | null;
    rule: PassRule;
    failsOnFlagged: boolean;
  },
): Promise<Group[]> {
  const limit = pLimit(options.concurrency);
  let spent = 0;
  let hasFailed = false;

  const carryOut = async (job: Job): Promise<DiagnosedRun | null> => {
    if (signal.aborted || (options.bail && hasFailed)) return null;
    const isOverBudget = options.maxCost !== null && spent >= options.maxCost;
    listener.started(job);
    const ended = isOverBudget
      ? outOfBudget(job, options.maxCost ?? 0)
      : await run(job.workflow, { model: job.model, signal, onEvent: (event) => listener.event(job, event) });
    spent += ended.cost ?? 0;
    hasFailed ||= ended.status === 'fail' || ended.status === 'partial';
    listener.ended(job, ended);
    return { ...ended, diagnosis: diagnoseRun(job.workflow, ended) };
  };

  return Promise.all(
    workflows.flatMap((workflow) =>
      workflow.definition.testerModels.map(async (model) => {
        const count = workflow.repeat;
        const jobs = workflow.skipped === null ? Array.from({ length: count }, (_, index) => index + 1) : [];
        const made = await Promise.all(
          jobs.map((number) => limit(() => carryOut({ workflow, model, number, of: count }))),
        );
        const runs = made.filter((each) => each !== null);
        const cut =
          runs.length === jobs.length ? null : signal.aborted ? 'Canceled.' : 'Not run after a failure (--bail).';
        const reason = workflow.skipped ?? cut;
        const group = toGroup({ workflow, model, count }, { runs, reason, ...options });
        return {
          ...group,
          warnings: findWarnings(
            workflow,
            runs.find(({ tools }) => tools !== null),
          ),
        };
      }),
    ),
  );
}

/** A run that doesn't begin, since the runs before have cost too much. */
function outOfBudget({ model }: Job, maxCost: number): LocalRun {
  const startedAt = new Date().toISOString();
  const error = { kind: 'budget' as const, message: `The budget of $${maxCost.toFixed(2)} (--max-cost) is used up.` };
  return {
    id: '',
    model,
    startedAt,
    durationMs: 0,
    status: 'error',
    error,
    limitHit: null,
    flagged: false,
    callCount: 0,
    turnCount: 0,
    inputTokens: 0,
    outputTokens: 0,
    judgeTokens: 0,
    cost: 0,
    finalAnswer: null,
    results: [],
    events: [{ type: 'error', ...error, seq: 0, at: startedAt }],
    calls: [],
    tools: null,
  };
}
