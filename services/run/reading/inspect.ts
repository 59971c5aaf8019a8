import { z } from 'zod';
import { workflowDefinition } from '../../../domain/workflow/definition.ts';
import { useCase } from '../../context/use-case.ts';
import { readRun } from './load.ts';
import { callSchema, criterionResultSchema, eventSchema, runSchema, withCallId, withEventId } from './schema.ts';

const shownOf = workflowDefinition.pick({ prompt: true, judgeModel: true });
const usage = z.object({ input: z.int(), output: z.int(), cachedInput: z.int().optional() });

export const inspectRunOutput = z.object({
  run: runSchema,
  prompt: z.string(),
  judgeModel: z.string(),
  finalAnswer: z.string().nullable(),
  criteria: z.array(
    criterionResultSchema.extend({
      judge: z.object({ model: z.string(), response: z.string(), usage }).nullable().describe('Null for assertions.'),
    }),
  ),
  calls: z.array(callSchema),
  events: z.array(eventSchema),
});

/** The full record of a run so far. `getRunArtifacts` has the judge's inputs. */
export const inspectRun = useCase({
  name: 'run.inspect',
  access: 'viewer',
  input: z.object({ runId: z.uuid() }),
  async run({ db, orgId }, { runId }): Promise<z.infer<typeof inspectRunOutput>> {
    const { run, definition, finalAnswer, results, calls, events } = await readRun(db, { orgId, runId });
    return {
      run,
      ...shownOf.parse(definition),
      finalAnswer,
      criteria: results.map(({ judge, ...result }) => ({
        ...result,
        judge: judge ? { model: judge.model, response: judge.response, usage: judge.usage } : null,
      })),
      calls: calls.map(withCallId),
      events: events.map(withEventId),
    };
  },
});
