import { z } from 'zod';
import { type RunStatus, runStatuses } from '../../../domain/run/run.ts';
import { givenId } from '../../../domain/values/id.ts';
import { findRunPage, type Rows, type RunPageRow } from '../../../infra/db/queries/run-page.ts';
import { answerBytes, countFitting, maxPageBytes } from '../../context/answer-size.ts';
import { validationError } from '../../context/errors.ts';
import { type UseCaseContext, useCase } from '../../context/use-case.ts';
import { runNotFound } from '../errors.ts';
import {
  type shownCall,
  shownCriterion,
  type shownEvent,
  toShownCall,
  toShownCriterion,
  toShownEvent,
} from './shown.ts';

/** One kind of entries of a run's record, in pages; long texts are cut as in `inspectRun`. */

const input = z.object({
  runId: givenId,
  cursor: z.string().max(100).optional().describe('nextCursor of the page before.'),
  limit: z.int().min(1).max(200).default(50),
});

const none: Rows = { only: [] };
const noEntries = { criteria: none, calls: none, events: none };

type Kind<Entry> = {
  /** Also the word that its cursors begin with. */
  name: 'criterion' | 'call' | 'event';
  rows(from: number): Parameters<typeof findRunPage>[2];
  list(row: RunPageRow): { at: number; entry: Entry }[];
};

type Page<Entry> = { status: RunStatus; rows: Entry[]; nextCursor: string | null };

async function listEntries<Entry>(
  { db, orgId }: UseCaseContext,
  { runId, cursor, limit }: z.output<typeof input>,
  { name, rows, list }: Kind<Entry>,
): Promise<Page<Entry> & { row: RunPageRow }> {
  const row = await findRunPage(db, { orgId, runId }, rows(readPlace(name, cursor)));
  if (!row) throw runNotFound();
  const found = list(row);
  const room = maxPageBytes - answerBytes({ status: row.status });
  const count = Math.min(
    limit,
    countFitting(
      found.map(({ entry }) => entry),
      room,
    ),
  );
  const next = found[count];
  return {
    row,
    status: row.status,
    rows: found.slice(0, count).map(({ entry }) => entry),
    nextCursor: next ? `${name}-${next.at}` : null,
  };
}

/** @throws ArmatureError `validation_failed` */
function readPlace(name: string, cursor: string | undefined): number {
  if (cursor === undefined) return 0;
  const [, kind, digits] = /^([a-z]+)-(\d{1,9})$/.exec(cursor) ?? [];
  if (kind === name) return Number(digits);
  throw validationError(
    [{ field: 'cursor', message: 'Invalid cursor for this list.' }],
    'Start again without a cursor.',
  );
}

export const runEvaluation = z.object({
  status: z.enum(runStatuses),
  judgeModel: z.string(),
  rows: z.array(shownCriterion),
  nextCursor: z.string().nullable(),
});

/**
 * How each criterion of a run was graded, in the order of the workflow; nothing before the run is graded.
 * @throws ArmatureError `run_not_found`, `validation_failed` (the cursor)
 */
export const getRunEvaluation = useCase({
  name: 'run.evaluation',
  access: 'viewer',
  input,
  async run(context, given): Promise<z.infer<typeof runEvaluation>> {
    const { row, ...page } = await listEntries(context, given, {
      name: 'criterion',
      rows: (from) => ({ ...noEntries, criteria: { from } }),
      list: ({ criteria }) => criteria.map((ends) => ({ at: ends.position, entry: toShownCriterion(ends) })),
    });
    return { ...page, judgeModel: row.judgeModel };
  },
});

/**
 * The calls of a run with arguments and results, in order.
 * @throws ArmatureError `run_not_found`, `validation_failed` (the cursor)
 */
export const listToolCalls = useCase({
  name: 'run.list_tool_calls',
  access: 'viewer',
  input,
  async run(context, given): Promise<Page<z.infer<typeof shownCall>>> {
    const { row: _, ...page } = await listEntries(context, given, {
      name: 'call',
      rows: (from) => ({ ...noEntries, calls: { from } }),
      list: ({ calls }) => calls.map((ends) => ({ at: ends.index, entry: toShownCall(ends) })),
    });
    return page;
  },
});

/**
 * The trace events of a run, in order.
 * @throws ArmatureError `run_not_found`, `validation_failed` (the cursor)
 */
export const listTraceEvents = useCase({
  name: 'run.list_trace_events',
  access: 'viewer',
  input,
  async run(context, given): Promise<Page<z.infer<typeof shownEvent>>> {
    const { row: _, ...page } = await listEntries(context, given, {
      name: 'event',
      rows: (from) => ({ ...noEntries, events: { from } }),
      list: ({ events }) => events.map((ends) => ({ at: ends.seq, entry: toShownEvent(ends) })),
    });
    return page;
  },
});
