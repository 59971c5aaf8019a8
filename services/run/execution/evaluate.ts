import { z } from 'zod';
import { SupersededError } from '../../../agent/ports.ts';
import { workflowDefinition } from '../../../domain/workflow/definition.ts';
import { attempt } from '../../context/attempt.ts';
import { useCase } from '../../context/use-case.ts';
import { runNotFound } from '../errors.ts';
import { gradeRun } from './grade.ts';
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
      const graded = await gradeRun(deps, {
        orgId,
        runId,
        startedAt: run.startedAt,
        definition: workflowDefinition.parse(run.version.definition),
        graded: new Set(run.results.map(({ criterionId }) => criterionId)),
        signal: stop.signal,
      });
      return { graded };
    } catch (error) {
      // A canceled run needs no grades.
      if (!stop.signal.aborted) throw error;
      if (isCanceled()) return { graded: 0 };
      throw new SupersededError('The grading was cut off; another attempt goes on.');
    } finally {
      watch.stop();
      attempt.signal.removeEventListener('abort', onAbort);
    }
  },
});
