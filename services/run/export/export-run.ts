import { z } from 'zod';
import { givenId } from '../../../domain/values/id.ts';
import { workflowDefinition } from '../../../domain/workflow/definition.ts';
import type { Db } from '../../../infra/db/index.ts';
import { useCase } from '../../context/use-case.ts';
import { runNotFound } from '../errors.ts';
import { loadEvents, toToolCall } from '../execution/transcript.ts';
import { inspectRun } from '../reading/inspect.ts';
import {
  callSchema,
  criterionResultSchema,
  eventSchema,
  runSchema,
  withCallId,
  withEventId,
} from '../reading/schema.ts';
import { toCriterionResult } from '../reading/view.ts';
import { type Download, writeArray } from './download.ts';

/** What the file says, nothing cut. */
export const exportedRun = z.object({
  run: runSchema,
  finalAnswer: z.string().nullable(),
  definition: workflowDefinition,
  criteria: z.array(
    criterionResultSchema.extend({
      judge: z
        .object({
          model: z.string(),
          request: z.string(),
          response: z.string(),
          usage: z.object({ input: z.int(), output: z.int(), cachedInput: z.int().optional() }),
        })
        .optional(),
    }),
  ),
  calls: z.array(callSchema.extend({ result: z.unknown().optional() })),
  events: z.array(eventSchema),
});

/** Rows that are read at a time: a result has up to 1 MB. */
const callsPerRead = 10;
const eventsPerRead = 200;
const criteriaPerRead = 50;

type RunRef = { orgId: string; runId: string };

/**
 * The whole record of a run as a JSON file: definition, criteria with what the judge was asked, calls with their
 * results, events. Of a run that hasn't ended, what there is so far.
 * @throws ArmatureError `run_not_found`
 */
export const exportRun = useCase({
  name: 'run.export',
  access: 'viewer',
  input: z.object({ runId: givenId }),
  async run({ ctx, db, orgId }, { runId }): Promise<Download> {
    const row = await db.run.findFirst({
      where: { orgId, id: runId },
      select: { finalAnswer: true, version: { select: { definition: true } } },
    });
    if (!row) throw runNotFound();
    const { run } = await inspectRun(ctx, { runId });
    const head = { run, finalAnswer: row.finalAnswer, definition: workflowDefinition.parse(row.version.definition) };
    return {
      name: `run-${runId}.json`,
      contentType: 'application/json',
      chunks: writeRun(head, db, { orgId, runId }),
    };
  },
});

async function* writeRun(head: object, db: Db, run: RunRef): AsyncGenerator<string> {
  yield `${JSON.stringify(head).slice(0, -1)},"criteria":`;
  yield* writeArray(readCriteria(db, run));
  yield ',"calls":';
  yield* writeArray(readCalls(db, run));
  yield ',"events":';
  yield* writeArray(readEvents(db, run));
  yield '}';
}

async function* readCriteria(db: Db, { orgId, runId }: RunRef) {
  for (let from = 0; ; ) {
    const where = { orgId, runId, position: { gte: from } };
    const rows = await db.criterionResult.findMany({ where, orderBy: { position: 'asc' }, take: criteriaPerRead });
    yield* rows.map(toCriterionResult);
    const last = rows.at(-1);
    if (!last || rows.length < criteriaPerRead) return;
    from = last.position + 1;
  }
}

async function* readCalls(db: Db, { orgId, runId }: RunRef) {
  for (let from = 0; ; ) {
    const where = { orgId, runId, index: { gte: from } };
    const rows = await db.toolCall.findMany({ where, orderBy: { index: 'asc' }, take: callsPerRead });
    yield* rows.map((row) => withCallId(toToolCall(row)));
    const last = rows.at(-1);
    if (!last || rows.length < callsPerRead) return;
    from = last.index + 1;
  }
}

async function* readEvents(db: Db, run: RunRef) {
  for (let afterSeq = -1; ; ) {
    const events = await loadEvents(db, { ...run, afterSeq, take: eventsPerRead });
    yield* events.map(withEventId);
    const last = events.at(-1);
    if (!last || events.length < eventsPerRead) return;
    afterSeq = last.seq;
  }
}
