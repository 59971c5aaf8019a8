import { describeCriterion, evaluateAssertion } from '../domain/assertion/criterion.ts';
import type { CriterionResult, Transcript } from '../domain/run/run.ts';
import type { Criterion, RetryPolicy } from '../domain/workflow/definition.ts';
import { createJudge } from './judge.ts';
import type { Model } from './ports.ts';
import type { Sleep } from './retry.ts';

/** Most calls of the judge at once. */
const maxConcurrency = 4;

export type EvaluateInput = {
  /** In order; a result's `position` is the place in this list. */
  criteria: readonly Criterion[];
  transcript: Transcript;
  /** Null when the run reached a limit. */
  finalAnswer: string | null;
  /** Wall time of the agent's work. */
  seconds: number;
  /** Of the tester model, in and out. */
  tokens: number;
  judge: Model;
  /** Random, at least 16 characters that nobody outside can guess: marks the ends of the data block. */
  boundary: string;
  signal: AbortSignal;
  retryPolicy: RetryPolicy;
  sleep: Sleep;
};

/**
 * Grades each criterion on its own: an assertion by code, any other by one question to the judge. What can't be graded has the
 * verdict `error` and says why.
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
