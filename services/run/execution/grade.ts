import { z } from 'zod';
import { SupersededError } from '../../../agent/ports.ts';
import { attempt } from '../../context/attempt.ts';
import { useCase } from '../../context/use-case.ts';
import { parseDefinition } from '../../workflow/reading/view.ts';
import { runNotFound } from '../errors.ts';
import { gradeCriteria } from './grade-criteria.ts';
import { superviseAttempt } from './supervise.ts';

/**
 * Grades the remaining criteria of a run whose agent is done. Of concurrent attempts the first grade of a criterion
 * stays.
 * @throws SupersededError when another attempt has to continue
 */
export const gradeRun = useCase({
  name: 'run.evaluate',
  access: 'system',
  input: z.object({ runId: z.uuid(), attempt }),
  async run({ ctx, db, orgId }, { runId, attempt }): Promise<{ graded: number }> {
    const run = await db.run.findFirst({
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
    if (!run) throw runNotFound();
    if (run.status !== 'running' || run.cancelRequestedBy !== null) return { graded: 0 };

    const supervision = superviseAttempt(ctx.deps, { orgId, runId, fence: run.fence, attempt });
    try {
      const graded = await gradeCriteria(ctx.deps, {
        orgId,
        runId,
        startedAt: run.startedAt,
        definition: parseDefinition(run.version),
        gradedIds: new Set(run.results.map(({ criterionId }) => criterionId)),
        signal: supervision.signal,
      });
      return { graded };
    } catch (error) {
      if (!supervision.signal.aborted) throw error;
      // A canceled run needs no grades.
      if (supervision.isCanceled()) return { graded: 0 };
      throw new SupersededError('Grading was cut off; another attempt continues.');
    } finally {
      supervision.stop();
    }
  },
});
