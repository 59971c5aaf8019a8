import { z } from 'zod';
import { runErrorKinds, runStatuses, triggers } from '../../domain/run.ts';
import { pageOf, readCursor } from '../cursor.ts';
import { useCase } from '../use-case.ts';
import { findRuns } from './find.ts';
import { runView } from './view.ts';

export const searchRunsInput = z.object({
  workflowId: z.uuid().optional(),
  serverId: z.uuid().optional(),
  status: z.enum(runStatuses).optional(),
  trigger: z.enum(triggers).optional(),
  limit: z.int().min(1).max(100).default(20),
  before: z.iso.datetime({ offset: true }).optional().describe('Only runs that were made before this time (ISO 8601).'),
  after: z.iso.datetime({ offset: true }).optional().describe('Only runs that were made after this time (ISO 8601).'),
  cursor: z.string().max(500).optional().describe('nextCursor of the page before, with the same filters.'),
});

export const runSummary = z.object({
  runId: z.uuid(),
  workflowId: z.uuid(),
  workflowName: z.string(),
  serverId: z.uuid(),
  serverName: z.string(),
  versionId: z.uuid(),
  versionNumber: z.int(),
  status: z.enum(runStatuses),
  flagged: z.boolean().describe('True when the agent called a blocked tool.'),
  errorKind: z.enum(runErrorKinds).nullable(),
  model: z.string(),
  trigger: z.enum(triggers),
  createdAt: z.iso.datetime(),
  startedAt: z.iso.datetime().nullable(),
  finishedAt: z.iso.datetime().nullable(),
  durationMs: z.int().nullable(),
  cost: z.number().nullable().describe('US dollars; null where a price is unknown.'),
});
export type RunSummary = z.infer<typeof runSummary>;

export const searchRunsOutput = z.object({
  runs: z.array(runSummary),
  nextCursor: z.string().nullable().describe('Pass it as cursor for the next page; null at the end.'),
});

/** Runs of the workspace by any of the filters, newest first, by keyset: the cost doesn't grow with history. */
export const searchRuns = useCase({
  name: 'run.search',
  access: 'viewer',
  input: searchRunsInput,
  async run({ db, orgId }, input): Promise<z.infer<typeof searchRunsOutput>> {
    const { workflowId, serverId, status, trigger, limit, before, after, cursor } = input;
    const found = await findRuns(db, {
      orgId,
      workflowId,
      serverId,
      trigger,
      statuses: status === undefined ? undefined : [status],
      before: before === undefined ? undefined : new Date(before),
      after: after === undefined ? undefined : new Date(after),
      from: cursor === undefined ? null : readCursor(cursor),
      limit: limit + 1,
    });
    const { shown, nextCursor } = pageOf(found, limit);
    const rows = await db.run.findMany({
      where: { orgId, id: { in: shown.map(({ id }) => id) } },
      include: {
        workflow: { select: { name: true } },
        server: { select: { name: true } },
        version: { select: { number: true } },
      },
    });
    const byId = new Map(rows.map((row) => [row.id, row]));
    const runs = shown.flatMap(({ id }): RunSummary[] => {
      const row = byId.get(id);
      if (!row) return [];
      const run = runView(row);
      return [
        {
          runId: run.id,
          workflowId: run.workflowId,
          workflowName: row.workflow.name,
          serverId: run.serverId,
          serverName: row.server.name,
          versionId: run.versionId,
          versionNumber: row.version.number,
          status: run.status,
          flagged: run.flagged,
          errorKind: run.error?.kind ?? null,
          model: run.model,
          trigger: run.trigger,
          createdAt: run.createdAt,
          startedAt: run.startedAt,
          finishedAt: run.finishedAt,
          durationMs: run.durationMs,
          cost: run.cost,
        },
      ];
    });
    return { runs, nextCursor };
  },
});
