import { z } from 'zod';
import { runStatuses } from '../../../domain/run/run.ts';
import { afterPosition, readCursor, toPage } from '../../context/pagination.ts';
import { useCase } from '../../context/use-case.ts';
import { type RunView, toRunView } from './view.ts';

export type ListedRun = RunView & {
  workflowName: string;
  serverName: string;
  versionNumber: number;
};

/**
 * Runs, newest first, by keyset: the cost doesn't grow with history. With `workflowId` and on the first page, `skipped`
 * holds the latest fire times on which a model did not run, and why.
 */
export const listRuns = useCase({
  name: 'run.list',
  access: 'viewer',
  input: z.object({
    workflowId: z.uuid().optional(),
    serverId: z.uuid().optional(),
    status: z.enum(runStatuses).optional(),
    flagged: z.boolean().optional(),
    cursor: z.string().optional(),
    limit: z.int().min(1).max(100).default(20),
  }),
  async run({ db, orgId }, { workflowId, serverId, status, flagged, cursor, limit }) {
    const after = readCursor(cursor);
    const rows = await db.run.findMany({
      where: {
        orgId,
        ...(workflowId !== undefined && { workflowId }),
        ...(serverId !== undefined && { serverId }),
        ...(status !== undefined && { status }),
        ...(flagged !== undefined && { flagged }),
        ...(after && afterPosition(after)),
      },
      orderBy: [{ createdAt: 'desc' }, { id: 'desc' }],
      take: limit + 1,
      include: {
        workflow: { select: { name: true } },
        server: { select: { name: true } },
        version: { select: { number: true } },
      },
    });
    const { items, nextCursor } = toPage(rows, limit);
    const skipped =
      workflowId !== undefined && !after
        ? await db.skippedRun.findMany({
            where: { orgId, workflowId },
            orderBy: [{ scheduledAt: 'desc' }],
            take: limit,
            select: { model: true, scheduledAt: true, reason: true },
          })
        : [];
    return {
      runs: items.map(
        (row): ListedRun => ({
          ...toRunView(row),
          workflowName: row.workflow.name,
          serverName: row.server.name,
          versionNumber: row.version.number,
        }),
      ),
      nextCursor,
      skipped: skipped.map(({ model, scheduledAt, reason }) => ({
        model,
        scheduledAt: scheduledAt.toISOString(),
        reason,
      })),
    };
  },
});
