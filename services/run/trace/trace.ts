import { z } from 'zod';
import { givenId } from '../../../domain/values/id.ts';
import { useCase } from '../../context/use-case.ts';
import { runNotFound } from '../errors.ts';
import { loadEvents, toToolCall } from '../execution/transcript.ts';
import { toRunStatus } from '../reading/view.ts';

const page = 500;

/**
 * The events of a run in order, all of them or those after `afterSeq`, at most 500. `calls`: the calls of these events,
 * in their current state. Poll with `nextSeq` as `afterSeq` (-1 before the first event); the trace is complete when the
 * status is terminal and no event is returned. Cheap enough to poll every 500 ms: at most four look-ups by key.
 */
export const getTrace = useCase({
  name: 'run.trace',
  access: 'viewer',
  input: z.object({ runId: givenId, afterSeq: z.int().min(-1).default(-1) }),
  async run({ db, orgId }, { runId, afterSeq }) {
    // The status first: when it is terminal, the events read after it are complete.
    const row = await db.run.findFirst({ where: { orgId, id: runId }, select: { status: true } });
    if (!row) throw runNotFound();
    const events = await loadEvents(db, { orgId, runId, afterSeq, take: page });
    const touched = [...new Set(events.flatMap((event) => ('index' in event ? [event.index] : [])))];
    const calls = touched.length
      ? await db.toolCall.findMany({ where: { orgId, runId, index: { in: touched } }, orderBy: { index: 'asc' } })
      : [];
    return {
      events,
      calls: calls.map((call) => toToolCall(call)),
      status: toRunStatus(row),
      nextSeq: events.at(-1)?.seq ?? afterSeq,
    };
  },
});
