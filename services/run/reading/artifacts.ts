import { z } from 'zod';
import { toCallId, toEventId } from '../../../domain/run/ids.ts';
import { runStatuses } from '../../../domain/run/run.ts';
import { useCase } from '../../context/use-case.ts';
import { loadRun } from './load.ts';
import { callSchema, withCallId } from './schema.ts';

export const getRunArtifactsOutput = z.object({
  runId: z.uuid(),
  status: z.enum(runStatuses),
  finalAnswer: z.string().nullable(),
  transcript: z
    .array(
      z.object({
        eventId: z.string(),
        turn: z.int(),
        content: z.string(),
        toolCalls: z.array(z.object({ callId: z.string(), tool: z.string(), arguments: z.string() })),
        answers: z.array(callSchema),
      }),
    )
    .describe('Each model turn, with the calls that it asked for and what they were answered.'),
  judge: z
    .array(
      z.object({
        criterionId: z.uuid(),
        text: z.string(),
        model: z.string(),
        request: z.string(),
        response: z.string(),
      }),
    )
    .describe('What the judge was asked and answered, word for word; nothing for assertions.'),
});

/** The artifacts of a run: final answer, transcript, judge inputs and raw outputs. */
export const getRunArtifacts = useCase({
  name: 'run.artifacts',
  access: 'viewer',
  input: z.object({ runId: z.uuid() }),
  async run({ db, orgId }, { runId }): Promise<z.infer<typeof getRunArtifactsOutput>> {
    const { run, finalAnswer, results, calls, events } = await loadRun(db, { orgId, runId });
    const transcript = events.flatMap((event) => {
      if (event.type !== 'model_turn') return [];
      const asked = new Set(event.toolCalls.map(({ index }) => index));
      return [
        {
          eventId: toEventId(event.seq),
          turn: event.turn,
          content: event.content,
          toolCalls: event.toolCalls.map(({ index, tool, arguments: text }) => ({
            callId: toCallId(index),
            tool,
            arguments: text,
          })),
          answers: calls.filter(({ index }) => asked.has(index)).map(withCallId),
        },
      ];
    });
    const judge = results.flatMap(({ criterionId, text, judge: asked }) =>
      asked ? [{ criterionId, text, model: asked.model, request: asked.request, response: asked.response }] : [],
    );
    return { runId, status: run.status, finalAnswer, transcript, judge };
  },
});
