import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { describeCriterion } from '../../domain/assertion/criterion.ts';
import type { CriterionResult, Transcript } from '../../domain/run/run.ts';
import { getFinalAnswer, listTurnUsage, measureWorkMs, sumUsage } from '../../domain/run/transcript.ts';
import { evaluate } from '../evaluate.ts';
import { isModelError, type Model } from '../ports.ts';
import type { RunnableDefinition } from './execute.ts';
import { type Mask, maskModel } from './masked-model.ts';

/** Whether code grades all criteria, so that grading takes no longer than reading the trace. */
export const isGradedByCode = ({ criteria }: Pick<RunnableDefinition, 'criteria'>): boolean =>
  criteria.every(({ text }) => describeCriterion(text).by === 'assertion');

/**
 * Grades the criteria of a definition that have no result yet, from the trace of its run.
 * @param run.startedAt of the run's first attempt
 * @param run.gradedIds criteria that have a result
 * @throws the signal's reason when it aborts
 */
export async function gradeDefinition(run: {
  definition: Pick<RunnableDefinition, 'criteria' | 'retryPolicy'>;
  transcript: Transcript;
  startedAt: Date | null;
  judge: Model;
  mask: Mask;
  gradedIds?: ReadonlySet<string>;
  signal: AbortSignal;
}): Promise<CriterionResult[]> {
  const { definition, transcript, startedAt, judge, mask, gradedIds = new Set(), signal } = run;
  const { criteria } = definition;
  const results = await evaluate({
    criteria: criteria.filter(({ id }) => !gradedIds.has(id)),
    transcript,
    finalAnswer: getFinalAnswer(transcript.events),
    seconds: startedAt ? measureWorkMs(transcript.events, startedAt) / 1000 : 0,
    tokens: sumUsage(listTurnUsage(transcript.events)).total,
    judge: maskModel(judge, mask),
    boundary: randomBytes(16).toString('hex'),
    signal,
    retryPolicy: definition.retryPolicy,
    sleep: (ms, until) => sleep(ms, undefined, { signal: until }),
  });
  signal.throwIfAborted();
  const positions = new Map(criteria.map(({ id }, position) => [id, position]));
  return results.map((result) => ({ ...result, position: positions.get(result.criterionId) ?? result.position }));
}

/** Without a judge, code still grades its criteria. The others fail with the reason why there is none. */
export function resolveJudge(models: { resolve(id: string): Model }, id: string): Model {
  try {
    return models.resolve(id);
  } catch (error) {
    if (!isModelError(error)) throw error;
    return { id, complete: () => Promise.reject(error), cost: () => null };
  }
}
