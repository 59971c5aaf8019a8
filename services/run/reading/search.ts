import { z } from 'zod';
import { runErrorKinds, runStatuses, triggers } from '../../../domain/run/run.ts';
import { findRuns, type RunRow } from '../../../infra/db/queries/run-search.ts';
import { readCursor, toPage } from '../../context/pagination.ts';
import { useCase } from '../../context/use-case.ts';
import { runSchema } from './schema.ts';
import { getDurationMs, iso } from './view.ts';

export const searchRunsInput = z.object({
  workflowId: z.uuid().optional(),
  serverId: z.uuid().optional(),
  status: z.enum(runStatuses).optional(),
  flagged: z.boolean().optional().describe('Only runs in which the agent called a blocked tool, or only others.'),
  trigger: z.enum(triggers).optional(),
  limit: z.int().min(1).max(100).default(20),
  before: z.iso.datetime({ offset: true }).optional().describe('Only runs created before this time (ISO 8601).'),
  after: z.iso.datetime({ offset: true }).optional().describe('Only runs created after this time (ISO 8601).'),
  cursor: z.string().max(500).optional().describe('nextCursor of the previous page, with the same filters.'),
});

const listedRun = runSchema.pick({
  id: true,
  workflowId: true,
  workflowName: true,
  serverName: true,
  versionNumber: true,
  model: true,
  trigger: true,
  status: true,
  flagged: true,
  error: true,
  callCount: true,
  cost: true,
  scheduledAt: true,
  createdAt: true,
  startedAt: true,
  finishedAt: true,
  durationMs: true,
});
export type ListedRun = z.infer<typeof listedRun>;

/** The runs of a workspace by any of the filters, newest first, by keyset: the cost doesn't grow with history. */
export const searchRuns = useCase({
  name: 'run.search',
  access: 'viewer',
  input: searchRunsInput,
  async run({ db, orgId }, input): Promise<{ runs: ListedRun[]; nextCursor: string | null }> {
    const { workflowId, serverId, status, flagged, trigger, limit, before, after, cursor } = input;
    const rows = await findRuns(db, {
      orgId,
      workflowId,
      serverId,
      statuses: status === undefined ? undefined : [status],
      flagged,
      trigger,
      createdBefore: before === undefined ? undefined : new Date(before),
      createdAfter: after === undefined ? undefined : new Date(after),
      after: readCursor(cursor),
      limit: limit + 1,
    });
    const { items, nextCursor } = toPage(rows, limit);
    return { runs: items.map(toListedRun), nextCursor };
  },
});

function toListedRun({ errorKind, errorMessage, ...row }: RunRow): ListedRun {
  const times = { startedAt: iso(row.startedAt), finishedAt: iso(row.finishedAt) };
  return {
    ...row,
    ...times,
    error: errorKind && { kind: errorKind, message: errorMessage ?? '' },
    scheduledAt: iso(row.scheduledAt),
    createdAt: row.createdAt.toISOString(),
    durationMs: getDurationMs(times),
  };
}

/** What an agent chooses a run by. Longer lists cost it tokens: the rest is in `inspect_run`. */
const runSummary = z.object({
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

export const runSummaries = z.object({
  runs: z.array(runSummary),
  nextCursor: z.string().nullable().describe('Pass it as cursor for the next page; null at the end.'),
});

export const toRunSummary = (run: ListedRun): z.infer<typeof runSummary> => ({
  runId: run.id,
  workflowId: run.workflowId,
  workflowName: run.workflowName,
  versionNumber: run.versionNumber,
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
});
