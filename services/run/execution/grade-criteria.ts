import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { evaluate } from '../../../agent/evaluate.ts';
import { isModelError, type Model } from '../../../agent/ports.ts';
import { describeCriterion } from '../../../domain/assertion/criterion.ts';
import type { Transcript } from '../../../domain/run/run.ts';
import { getFinalAnswer, listTurnUsage, sumUsage } from '../../../domain/run/transcript.ts';
import type { WorkflowDefinition } from '../../../domain/workflow/definition.ts';
import { createRedactor } from '../../../infra/redaction/index.ts';
import type { Deps } from '../../context/context.ts';
import { toJson } from '../../context/use-case.ts';
import { loadTranscript } from './transcript.ts';

/** Whether code grades all criteria, so that grading takes no longer than reading the trace. */
export const isGradedByCode = ({ criteria }: Pick<WorkflowDefinition, 'criteria'>): boolean =>
  criteria.every(({ text }) => describeCriterion(text).by === 'assertion');

/**
 * Grades the criteria that have no result yet, from the stored trace. Of concurrent gradings the first result of a
 * criterion stays.
 * @returns how many were graded
 * @throws the signal's reason when it aborts: nothing is stored then
 */
export async function gradeCriteria(
  deps: Deps,
  run: {
    orgId: string;
    runId: string;
    startedAt: Date | null;
    definition: WorkflowDefinition;
    /** Ids of the criteria that have a result. */
    gradedIds: ReadonlySet<string>;
    signal: AbortSignal;
  },
): Promise<number> {
  const { orgId, runId, startedAt, definition, gradedIds, signal } = run;
  const numbered = definition.criteria.map((criterion, position) => ({ criterion, position }));
  const open = numbered.filter(({ criterion }) => !gradedIds.has(criterion.id));
  if (open.length === 0) return 0;
  const transcript = await loadTranscript(deps, { orgId, runId });
  const results = await evaluate({
    criteria: open.map(({ criterion }) => criterion),
    transcript,
    finalAnswer: getFinalAnswer(transcript.events),
    seconds: measureSeconds(transcript, startedAt),
    tokens: sumUsage(listTurnUsage(transcript.events)).total,
    judge: resolveJudge(deps, definition.judgeModel),
    boundary: randomBytes(16).toString('hex'),
    signal,
    retryPolicy: definition.retryPolicy,
    sleep: (ms, until) => sleep(ms, undefined, { signal: until }),
  });
  signal.throwIfAborted();
  const redactor = createRedactor(await deps.secrets.values(orgId));
  const positions = new Map(numbered.map(({ criterion, position }) => [criterion.id, position]));
  const { count } = await deps.db.criterionResult.createMany({
    data: results.map(({ judge, ...result }) => ({
      ...result,
      orgId,
      runId,
      position: positions.get(result.criterionId) ?? result.position,
      text: redactor.text(result.text),
      rationale: redactor.text(result.rationale),
      ...(judge && {
        judge: toJson({ ...judge, request: redactor.text(judge.request), response: redactor.text(judge.response) }),
      }),
    })),
    skipDuplicates: true,
  });
  return count;
}

function measureSeconds({ events }: Transcript, startedAt: Date | null): number {
  const last = events.at(-1);
  return last && startedAt ? Math.max(0, Date.parse(last.at) - startedAt.getTime()) / 1000 : 0;
}

/** Without a judge, code still grades its criteria. The others fail with the reason why there is none. */
function resolveJudge({ models }: Deps, id: string): Model {
  try {
    return models.resolve(id);
  } catch (error) {
    if (!isModelError(error)) throw error;
    return { id, complete: () => Promise.reject(error), cost: () => null };
  }
}
