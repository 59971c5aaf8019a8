import { z } from 'zod';
import { type ShownStatus, toShownStatus } from '../../../domain/run/run.ts';
import { givenId } from '../../../domain/values/id.ts';
import { findRunPositions } from '../../../infra/db/queries/run-search.ts';
import { useCase } from '../../context/use-case.ts';
import { runNotFound } from '../errors.ts';
import { toRunStatus } from './view.ts';

export type Neighbor = { id: string; status: ShownStatus; createdAt: string };

const select = { id: true, status: true, errorKind: true, createdAt: true } as const;

/**
 * The runs of the same workflow before and after a run, and the last one before it that passed with the same model.
 * @throws ArmatureError `run_not_found`
 */
export const getNeighbors = useCase({
  name: 'run.neighbors',
  access: 'viewer',
  input: z.object({ runId: givenId }),
  async run(
    { db, orgId },
    { runId },
  ): Promise<{ previous: Neighbor | null; next: Neighbor | null; lastPass: Neighbor | null }> {
    const run = await db.run.findFirst({
      where: { orgId, id: runId },
      select: { workflowId: true, model: true, createdAt: true },
    });
    if (!run) throw runNotFound();
    const { workflowId, model, createdAt } = run;
    const [previous, next, passed] = await Promise.all([
      db.run.findFirst({
        // The first condition is the range of the index, the others only tell runs of one millisecond apart.
        where: {
          orgId,
          workflowId,
          createdAt: { lte: createdAt },
          OR: [{ createdAt: { lt: createdAt } }, { id: { lt: runId } }],
        },
        orderBy: [{ createdAt: 'desc' }, { id: 'desc' }],
        select,
      }),
      db.run.findFirst({
        where: {
          orgId,
          workflowId,
          createdAt: { gte: createdAt },
          OR: [{ createdAt: { gt: createdAt } }, { id: { gt: runId } }],
        },
        orderBy: [{ createdAt: 'asc' }, { id: 'asc' }],
        select,
      }),
      findRunPositions(db, { orgId, workflowId, model, statuses: ['pass'], createdBefore: createdAt, limit: 1 }),
    ]);
    const [last] = passed;
    return {
      previous: previous && toNeighbor(previous),
      next: next && toNeighbor(next),
      lastPass: last ? { id: last.id, status: 'pass', createdAt: last.createdAt.toISOString() } : null,
    };
  },
});

const toNeighbor = (row: { id: string; status: string; errorKind: string | null; createdAt: Date }): Neighbor => ({
  id: row.id,
  status: toShownStatus(toRunStatus(row), row.errorKind),
  createdAt: row.createdAt.toISOString(),
});
