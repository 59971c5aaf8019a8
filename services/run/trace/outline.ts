import { z } from 'zod';
import { isTerminal, type RunStatus } from '../../../domain/run/run.ts';
import { type Step, toSteps } from '../../../domain/run/steps.ts';
import { givenId } from '../../../domain/values/id.ts';
import { useCase } from '../../context/use-case.ts';
import { runNotFound } from '../errors.ts';
import { loadEvents, toToolCall } from '../execution/transcript.ts';
import { toRunStatus } from '../reading/view.ts';

/** More than the limits of a workflow allow, resumptions aside. */
const maxEvents = 5000;

export type Outline = { status: RunStatus; steps: Step[]; totalMs: number };

/**
 * The steps of a run without what was said in them, in their current state. `totalMs`: from the first to the end of the
 * last, or until now. `getTraceStep` has the content of one.
 * @throws ArmatureError `run_not_found`
 */
export const getOutline = useCase({
  name: 'run.outline',
  access: 'viewer',
  input: z.object({ runId: givenId }),
  async run({ db, orgId, now }, { runId }): Promise<Outline> {
    // The status first: when it is terminal, the events read after it are complete.
    const row = await db.run.findFirst({ where: { orgId, id: runId }, select: { status: true } });
    if (!row) throw runNotFound();
    const [events, calls, misfits] = await Promise.all([
      loadEvents(db, { orgId, runId, take: maxEvents }),
      db.toolCall.findMany({
        where: { orgId, runId },
        omit: { result: true, sealedResult: true, arguments: true },
        orderBy: { index: 'asc' },
      }),
      db.toolCall.findMany({
        where: { orgId, runId, result: { path: ['outputFit', 'fits'], equals: false } },
        select: { index: true },
      }),
    ]);
    const breaking = new Set(misfits.map(({ index }) => index));
    const steps = toSteps(
      events,
      calls.map((call) => ({
        ...toToolCall({ ...call, arguments: null, result: null, sealedResult: null }),
        breaksSchema: breaking.has(call.index),
      })),
    );
    const status = toRunStatus(row);
    const [first] = events;
    const end = Math.max(0, ...steps.map(({ startMs, durationMs }) => startMs + (durationMs ?? 0)));
    const untilNow = first && !isTerminal(status) ? now().getTime() - Date.parse(first.at) : 0;
    return { status, steps, totalMs: Math.max(end, untilNow) };
  },
});
