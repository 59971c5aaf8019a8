import type { Stack } from './stack.ts';

/** What the database holds of a run, without times and ids, in order. */
export async function evidence({ deps: { db }, orgId }: Stack, runId: string) {
  const run = await db.run.findFirstOrThrow({ where: { orgId, id: runId } });
  const calls = await db.toolCall.findMany({ where: { orgId, runId }, orderBy: { index: 'asc' } });
  const events = await db.traceEvent.findMany({ where: { orgId, runId }, orderBy: { seq: 'asc' } });
  const results = await db.criterionResult.findMany({ where: { orgId, runId }, orderBy: { position: 'asc' } });
  return {
    status: run.status,
    finalAnswer: run.finalAnswer,
    calls: calls.map(({ index, turn, tool, outcome, attempts }) => ({ index, turn, tool, outcome, attempts })),
    events: events.map(({ seq, type }) => ({ seq, type })),
    verdicts: results.map(({ text, verdict }) => ({ text, verdict })),
  };
}
