import { z } from 'zod';
import { useCase } from '../../context/use-case.ts';
import { runNotFound } from '../errors.ts';
import { toToolCall, toTraceEvent } from '../execution/transcript.ts';
import { toRunStatus } from './view.ts';

const page = 500;

/**
 * What a run did, in order: all of it, or what came after `afterSeq`. `calls` are those that the returned events speak
 * of, each as it stands now. Ask again with `nextSeq` as `afterSeq` (-1 while there is no event yet); the run is read
 * to its end when its status is terminal and no event comes back. At most 500 events an answer. Made to be polled every
 * 500 ms: three look-ups by key.
 */
export const getTrace = useCase({
  name: 'run.trace',
  access: 'viewer',
  input: z.object({ runId: z.uuid(), afterSeq: z.int().min(-1).default(-1) }),
  async run({ db, orgId }, { runId, afterSeq }) {
    // The status first: one that is terminal promises that the events read after it are all there are.
    const row = await db.run.findFirst({ where: { orgId, id: runId }, select: { status: true } });
    if (!row) throw runNotFound(runId);
    const events = (
      await db.traceEvent.findMany({
        where: { orgId, runId, seq: { gt: afterSeq } },
        orderBy: { seq: 'asc' },
        take: page,
      })
    ).map(toTraceEvent);
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
