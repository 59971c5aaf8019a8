import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { evaluate } from '../../agent/evaluate.ts';
import { isModelError } from '../../agent/model-error.ts';
import { type Model, SupersededError } from '../../agent/types.ts';
import type { Transcript } from '../../domain/run.ts';
import { workflowDefinition } from '../../domain/workflow-spec.ts';
import type { Deps } from '../context.ts';
import { toJson, useCase } from '../use-case.ts';
import { attempt } from './execute.ts';
import { createRedactor } from './redact.ts';
import { loadTranscript } from './stored.ts';
import { runNotFound } from './view.ts';
import { watchRun } from './watch.ts';

/**
 * Grades what isn't graded yet of a run whose agent is done. Of two attempts at once the first grade of a criterion stays.
 * @throws SupersededError when another attempt has to go on.
 */
export const evaluateRun = useCase({
  name: 'run.evaluate',
  access: 'system',
  input: z.object({ runId: z.uuid(), attempt }),
  async run({ ctx, orgId }, { runId, attempt }): Promise<{ graded: number }> {
    const { deps } = ctx;
    const run = await deps.db.run.findFirst({
      where: { orgId, id: runId },
      select: {
        status: true,
        fence: true,
        startedAt: true,
        cancelRequestedBy: true,
        version: { select: { definition: true } },
        results: { select: { criterionId: true } },
      },
    });
    if (!run) throw runNotFound(runId);
    if (run.status !== 'running' || run.cancelRequestedBy !== null) return { graded: 0 };
    const definition = workflowDefinition.parse(run.version.definition);
    const done = new Set(run.results.map(({ criterionId }) => criterionId));
    const numbered = definition.criteria.map((criterion, position) => ({ criterion, position }));
    const open = numbered.filter(({ criterion }) => !done.has(criterion.id));
    if (open.length === 0) return { graded: 0 };

    const stop = new AbortController();
    let canceled = false;
    const isCanceled = () => canceled || attempt.isCanceled();
    const onAbort = () => stop.abort(attempt.signal.reason);
    attempt.signal.addEventListener('abort', onAbort, { once: true });
    if (attempt.signal.aborted) onAbort();
    const watch = watchRun(deps, {
      orgId,
      runId,
      fence: run.fence,
      heartbeatSeconds: deps.config.heartbeatSeconds,
      heartbeat: attempt.heartbeat,
      onCurrent: () => {},
      onCanceled: () => {
        canceled = true;
        stop.abort();
      },
      onSuperseded: () => stop.abort(new SupersededError('The run has ended.')),
    });
    try {
      const transcript = await loadTranscript(deps, { orgId, runId });
      const results = await evaluate({
        criteria: open.map(({ criterion }) => criterion),
        transcript,
        finalAnswer: answerOf(transcript),
        seconds: secondsOf(transcript, run.startedAt),
        tokens: tokensOf(transcript),
        judge: judgeOf(deps, definition.judgeModel),
        boundary: randomBytes(16).toString('hex'),
        signal: stop.signal,
        retryPolicy: definition.retryPolicy,
        sleep: (ms, until) => sleep(ms, undefined, { signal: until }),
      });
      stop.signal.throwIfAborted();
      const redactor = createRedactor(await deps.secrets.values(orgId));
      const positions = new Map(numbered.map(({ criterion, position }) => [criterion.id, position]));
      const { count } = await deps.db.criterionResult.createMany({
        data: results.map(({ judge, ...result }) => ({
          ...result,
          orgId,
          runId,
          position: positions.get(result.criterionId) ?? result.position,
          text: redactor.text(result.text),
          rationale: redactor.text(result.rationale),
          ...(judge && {
            judge: toJson({ ...judge, request: redactor.text(judge.request), response: redactor.text(judge.response) }),
          }),
        })),
        skipDuplicates: true,
      });
      return { graded: count };
    } catch (error) {
      // What was cut off in the middle is no grading, and a canceled run needs none.
      if (!stop.signal.aborted) throw error;
      if (isCanceled()) return { graded: 0 };
      throw new SupersededError('The grading was cut off; another attempt goes on.');
    } finally {
      watch.stop();
      attempt.signal.removeEventListener('abort', onAbort);
    }
  },
});

function answerOf({ events }: Transcript): string | null {
  const answer = events.findLast((event) => event.type === 'final_answer');
  return answer?.type === 'final_answer' ? answer.content : null;
}

function secondsOf({ events }: Transcript, startedAt: Date | null): number {
  const last = events.at(-1);
  return last && startedAt ? Math.max(0, Date.parse(last.at) - startedAt.getTime()) / 1000 : 0;
}

const tokensOf = ({ events }: Transcript): number =>
  events.reduce((sum, event) => sum + (event.type === 'model_turn' ? event.usage.input + event.usage.output : 0), 0);

/** A judge that can't be asked still leaves what code grades: only the criteria that need it fail to be graded, with its reason. */
function judgeOf({ models }: Deps, id: string): Model {
  try {
    return models.resolve(id);
  } catch (error) {
    if (!isModelError(error)) throw error;
    return { id, complete: () => Promise.reject(error), cost: () => null };
  }
}
