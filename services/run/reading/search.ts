import { z } from 'zod';
import { runErrorKinds, runStatuses, shownStatuses, triggers } from '../../../domain/run/run.ts';
import { givenId } from '../../../domain/values/id.ts';
import { isoTime } from '../../../domain/values/iso-time.ts';
import { isStorable } from '../../../domain/values/text.ts';
import { hourMs } from '../../../domain/values/time.ts';
import type { Db } from '../../../infra/db/index.ts';
import { findRuns, type RunFilter, type RunRow, searchRunText } from '../../../infra/db/queries/run-search.ts';
import { validationError } from '../../context/errors.ts';
import { readCursor, toPage, writeCursor } from '../../context/pagination.ts';
import { useCase } from '../../context/use-case.ts';
import { requireServer } from '../../server/errors.ts';
import { workflowNotFound } from '../../workflow/errors.ts';
import { runSchema } from './schema.ts';
import { getDurationMs, iso } from './view.ts';

export const searchRunsInput = z.object({
  workflowId: givenId.optional(),
  serverId: givenId.optional(),
  status: z
    .union([z.enum(shownStatuses), z.array(z.enum(shownStatuses)).min(1).max(shownStatuses.length)])
    .optional()
    .describe('One or several. error leaves canceled runs out.'),
  flagged: z.boolean().optional().describe('Only runs in which the agent called a blocked tool, or only others.'),
  trigger: z.enum(triggers).optional(),
  model: z
    .string()
    .min(1)
    .max(200)
    .refine(isStorable, 'Enter the id of a model.')
    .optional()
    .describe('Id of the tester model.'),
  errorKind: z.enum(runErrorKinds).optional().describe('Why a run ended with status error.'),
  search: z
    .string()
    .trim()
    .min(1)
    .max(200)
    .refine(isStorable, 'Enter plain text.')
    .optional()
    .describe(
      [
        'Text in the name of the workflow, the error, the reason, commit, branch or URL; or the id of a run.',
        'A page looks at 2,500 runs: it may be short although more follow.',
      ].join(' '),
    ),
  range: z.enum(['24h', '7d', '30d']).optional().describe('Only runs created in this time until now.'),
  limit: z.int().min(1).max(200).default(20),
  before: isoTime.optional().describe('Only runs created before this time (ISO 8601).'),
  after: isoTime.optional().describe('Only runs created after this time (ISO 8601).'),
  cursor: z.string().max(500).optional().describe('nextCursor of the previous page, with the same filters.'),
});

export const listedRun = runSchema.pick({
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
  metadata: true,
  callCount: true,
  cost: true,
  scheduledAt: true,
  createdAt: true,
  startedAt: true,
  finishedAt: true,
  durationMs: true,
});
export type ListedRun = z.infer<typeof listedRun>;

/**
 * The runs of a workspace by any of the filters, newest first, by keyset: the cost doesn't grow with history.
 * Text and kind of error have no index: such a page looks at 2,500 runs, and may be short although more follow.
 * @throws ArmatureError `validation_failed` (range beside times), `workflow_not_found`, `mcp_server_not_found`: an
 *   empty list would read as "nothing failed"
 */
export const searchRuns = useCase({
  name: 'run.search',
  access: 'viewer',
  input: searchRunsInput,
  async run({ db, orgId, now }, input): Promise<{ runs: ListedRun[]; nextCursor: string | null }> {
    const { workflowId, serverId, limit } = input;
    const filter = { orgId, ...toFilter(input, now()), after: readCursor(input.cursor), limit: limit + 1 };
    const isScan = filter.search !== undefined || filter.errorKind !== undefined;
    const [{ rows, searchedTo }] = await Promise.all([
      isScan ? searchRunText(db, filter) : findRuns(db, filter).then((rows) => ({ rows, searchedTo: null })),
      workflowId === undefined ? null : requireWorkflow(db, { orgId, id: workflowId }),
      serverId === undefined ? null : requireServer(db, { orgId, id: serverId }),
    ]);
    const { items, nextCursor } = toPage(rows, limit);
    return { runs: items.map(toListedRun), nextCursor: nextCursor ?? (searchedTo && writeCursor(searchedTo)) };
  },
});

const hours = { '24h': 24, '7d': 7 * 24, '30d': 30 * 24 };

/** @throws ArmatureError `validation_failed` for a range beside times */
function toFilter(input: z.output<typeof searchRunsInput>, now: Date): Omit<RunFilter, 'orgId' | 'limit' | 'after'> {
  const { status, errorKind, range, before, after, workflowId, serverId, flagged, trigger, model, search } = input;
  if (range !== undefined && (before !== undefined || after !== undefined))
    throw validationError([{ field: 'range', message: 'Give either range, or after and before.' }]);
  const since = range === undefined ? after : new Date(now.getTime() - hours[range] * hourMs);
  return {
    workflowId,
    serverId,
    flagged,
    trigger,
    model,
    search,
    errorKind,
    // The kind implies the status, which has an index.
    statuses:
      status !== undefined
        ? [...new Set([status].flat())]
        : errorKind && [errorKind === 'canceled' ? ('canceled' as const) : ('error' as const)],
    createdBefore: before === undefined ? undefined : new Date(before),
    createdAfter: since === undefined ? undefined : new Date(since),
  };
}

async function requireWorkflow(db: Db, where: { orgId: string; id: string }): Promise<void> {
  if (!(await db.workflow.findFirst({ where, select: { id: true } }))) throw workflowNotFound();
}

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
