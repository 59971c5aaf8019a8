import { argumentsRejected } from './arguments-rejected.ts';
import { criterionStale, flaky, judgeDisagreement, notCarriedOut } from './criteria-and-history.ts';
import { type Cause, createCase, type DiagnosisFacts } from './facts.ts';
import { limitHit, policyViolation } from './policy-and-limits.ts';
import { timeout, toolError, transportOrAuth } from './target-failures.ts';
import { toolMissing } from './tool-missing.ts';

export {
  type Cause,
  type CauseKind,
  causeKinds,
  type DiagnosisFacts,
} from './facts.ts';

/**
 * Why a run did not pass, by rules, the most likely cause first. For a passed run only policy violations are listed.
 * Causes carry ids and names; nothing that targets or models wrote is quoted.
 */
export function diagnose(facts: DiagnosisFacts): { causes: Cause[] } {
  const of = createCase(facts);
  if (facts.run.status === 'pass' && of.failing.length === 0) return { causes: policyViolation(of) };
  const rejected = argumentsRejected(of);
  const explained = new Set(rejected.flatMap(({ evidence }) => evidence));
  const causes = [
    ...toolMissing(of),
    ...rejected,
    ...toolError(of, explained),
    ...transportOrAuth(of),
    ...timeout(of),
    ...policyViolation(of),
    ...limitHit(of),
    ...judgeDisagreement(of),
    ...criterionStale(of),
    ...flaky(of),
    ...notCarriedOut(of),
  ];
  return { causes: causes.sort((a, b) => b.confidence - a.confidence) };
}
