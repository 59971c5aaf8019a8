import { z } from 'zod';
import { givenId } from '../../../domain/values/id.ts';
import { useCase } from '../../context/use-case.ts';

/** The latest fire times of a workflow's schedule at which a model did not run, and why. */
export const listSkippedRuns = useCase({
  name: 'run.list_skipped',
  access: 'viewer',
  input: z.object({ workflowId: givenId, limit: z.int().min(1).max(100).default(20) }),
  async run({ db, orgId }, { workflowId, limit }) {
    const skipped = await db.skippedRun.findMany({
      where: { orgId, workflowId },
      orderBy: { scheduledAt: 'desc' },
      take: limit,
      select: { model: true, scheduledAt: true, reason: true },
    });
    return { skipped: skipped.map((row) => ({ ...row, scheduledAt: row.scheduledAt.toISOString() })) };
  },
});
