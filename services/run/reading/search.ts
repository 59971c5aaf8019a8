import { z } from 'zod';
import { runErrorKinds, runStatuses, triggers } from '../../../domain/run/run.ts';
import { Prisma } from '../../../prisma/generated/client.ts';
import { readCursor, writeCursor } from '../../context/pagination.ts';
import { useCase } from '../../context/use-case.ts';
import { type RunFilter, rangeOf, searchQuery } from './find.ts';
import { getDurationMs } from './view.ts';

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
    const within = await rangeOf(db, {
      orgId,
      workflowId,
      serverId,
      trigger,
      statuses: status === undefined ? undefined : [status],
      before: before === undefined ? undefined : new Date(before),
      after: after === undefined ? undefined : new Date(after),
      from: readCursor(cursor),
      limit: read.find((rows) => rows > limit) ?? limit + 1,
    });
    if (within === null) return { runs: [], nextCursor: null };
    const found = await db.read<Omit<RunSummary, 'durationMs'>>(summariesOf(within));
    const runs = found.slice(0, limit).map((run) => ({ ...run, durationMs: getDurationMs(run) }));
    const last = found.length > limit ? runs.at(-1) : undefined;
    return { runs, nextCursor: last ? writeCursor({ createdAt: new Date(last.createdAt), id: last.runId }) : null };
  },
});

/** Rows that are read, one more than are shown at least: few sizes, so that few statements are prepared. */
const read = [2, 21, 51, 101];

const columns = Prisma.sql`"id", "workflowId", "versionId", "status", "flagged", "errorKind", "model", "trigger", "createdAt", "startedAt",
  "finishedAt", "cost"`;

/**
 * What a run refers to is of its organization (the foreign keys hold that), so it is joined by its id alone: with
 * `orgId` in the condition the planner takes an organization's share of a table for the match, and goes through all of
 * it for each run.
 */
const summariesOf = (filter: RunFilter): Prisma.Sql => Prisma.sql`
  SELECT r."id" AS "runId", r."workflowId", w."name" AS "workflowName", v."number" AS "versionNumber", r."status", r."flagged",
    r."errorKind", r."model", r."trigger", r."createdAt", r."startedAt", r."finishedAt", r."cost"
  FROM (${searchQuery(filter, columns)}) AS r
  JOIN "Workflow" w ON w."id" = r."workflowId"
  JOIN "WorkflowVersion" v ON v."id" = r."versionId"
  ORDER BY r."createdAt" DESC, r."id" DESC`;
