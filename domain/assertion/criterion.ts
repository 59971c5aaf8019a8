import type { Assertion } from './assertion.ts';
import { parseAssertion } from './parse.ts';

export type { Assertion } from './assertion.ts';
export { evaluateAssertion } from './evaluate.ts';
export { parseAssertion } from './parse.ts';

/** Names of the tools that an assertion mentions, each once, to check them against the catalog. */
export function validateAssertionTools(assertion: Assertion): string[] {
  if (assertion.kind === 'calls_before') return [assertion.first, assertion.second];
  return 'tool' in assertion ? [assertion.tool] : [];
}

/** How a criterion will be graded. `hint`: where a line that starts like an assertion leaves the grammar. */
export type CriterionGrading =
  | { by: 'assertion'; assertion: Assertion }
  | { by: 'judge'; hint?: { position: number; expected: string } };

export function describeCriterion(text: string): CriterionGrading {
  const parsed = parseAssertion(text);
  if (parsed.ok) return { by: 'assertion', assertion: parsed.assertion };
  const { position, expected, looksLikeAssertion } = parsed;
  return looksLikeAssertion ? { by: 'judge', hint: { position, expected } } : { by: 'judge' };
}
