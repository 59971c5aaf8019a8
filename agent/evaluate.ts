import { describeCriterion, evaluateAssertion } from '../domain/assertion/criterion.ts';
import type { CriterionResult, Transcript } from '../domain/run/run.ts';
import type { Criterion, RetryPolicy } from '../domain/workflow/definition.ts';
import { createJudge } from './judge/judge.ts';
import type { Model } from './ports.ts';
import type { Sleep } from './retry.ts';

/** Concurrent calls of the judge. */
const maxConcurrency = 4;

export type EvaluateInput = {
  /** A result's `position` is the index in this list. */
  criteria: readonly Criterion[];
  transcript: Transcript;
  /** Null when the run reached a limit. */
  finalAnswer: string | null;
  /** Wall time of the agent. */
  seconds: number;
  /** Input and output of the tester model. */
  tokens: number;
  judge: Model;
  /** Random, at least 16 characters that nobody outside can guess: marks the ends of the data block. */
  boundary: string;
  signal: AbortSignal;
  retryPolicy: RetryPolicy;
  sleep: Sleep;
};

/**
 * Grades each criterion on its own: assertions by code, others by one request to the judge. A criterion that can't be
 * graded gets the verdict `error` and the reason.
 * @throws the signal's reason when it aborts.
 */
export async function evaluate(input: EvaluateInput): Promise<CriterionResult[]> {
  const { criteria, transcript, finalAnswer, seconds, tokens } = input;
  const facts = { ...transcript, finalAnswer, seconds, tokens };
  const judge = createJudge(facts, input);
  const grade = async ({ id, text, isRequired }: Criterion, position: number): Promise<CriterionResult> => {
    const base = { criterionId: id, position, text, isRequired };
    const grading = describeCriterion(text);
    if (grading.by === 'assertion')
      return { ...base, ...evaluateAssertion(grading.assertion, facts), gradedBy: 'assertion' };
    return { ...base, ...(await judge.grade(text)), gradedBy: 'judge' };
  };

  const results: CriterionResult[] = [];
  const queue = criteria.entries();
  const work = async () => {
    for (const [position, criterion] of queue) results[position] = await grade(criterion, position);
  };
  await Promise.all(Array.from({ length: Math.min(maxConcurrency, criteria.length) }, work));
  return results;
}
