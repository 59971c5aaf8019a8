import { argumentsRejected } from './arguments-rejected.ts';
import { criteriaContradict, judgeDisagreement, notMet, slower, stepNotMade } from './expectations.ts';
import { type Case, type Cause, createCase, type DiagnosisFacts } from './facts.ts';
import { flaky, notCarriedOut } from './history.ts';
import { limitHit, neededLimits, policyViolation, toolsToAllow } from './policy-and-limits.ts';
import { applyRemedy, createRemedy, type Remedy, type SuggestedChange, toChanges } from './remedy.ts';
import { criterionStale, resultChanged } from './results.ts';
import { timeout, toolError, transportOrAuth } from './target-failures.ts';
import { toolMissing } from './tool-missing.ts';

export { type Cause, type CauseKind, causeKinds, type DiagnosisFacts, type OtherRun } from './facts.ts';

export type Diagnosis = {
  /** The most likely first. `isRemedied`: the active version already has what would help. */
  causes: (Cause & { isRemedied?: boolean })[];
  /**
   * One change of the active version for all causes, as `propose_workflow_patch` takes it. Null: none is needed or
   * known.
   */
  suggestedChange: SuggestedChange | null;
};

/**
 * Why a run did not pass, by rules, and what would repair the workflow. A change is suggested only where it can be
 * known, and never one that makes the test blind to a broken server. Of a passed run only policy violations are listed.
 * Summaries carry ids and names; what targets said is in `said` and `values` alone.
 */
export function diagnose(facts: DiagnosisFacts): Diagnosis {
  const of = createCase(facts);
  if (facts.run.status === 'pass' && of.failing.length === 0)
    return { causes: policyViolation(of), suggestedChange: null };
  const remedy = createRemedy(of);
  const additions = { allow: toolsToAllow(of), limits: neededLimits(of) };
  const after = applyRemedy(of.active, of, remedy, additions);
  const causes = listCauses(of, remedy)
    .sort((a, b) => b.confidence - a.confidence)
    .map((cause) => (isRemedied(cause, of, remedy) ? { ...cause, isRemedied: true } : cause));
  return { causes, suggestedChange: toChanges(of.active, after) };
}

function listCauses(of: Case, remedy: Remedy): Cause[] {
  const rejected = argumentsRejected(of, remedy);
  const explained = new Set(rejected.flatMap(({ evidence }) => evidence));
  const missing = toolMissing(of, remedy);
  // A criterion about a missing tool or a refused argument adds nothing to that.
  const concerned = new Set([...missing, ...rejected].flatMap(({ tools }) => tools ?? []));
  const stale = criterionStale(of, remedy).filter(
    ({ tools, schema }) => schema === 'output' || !tools?.some((tool) => concerned.has(tool)),
  );
  const certain = [
    ...criteriaContradict(of),
    ...missing,
    ...rejected,
    ...toolError(of, explained),
    ...transportOrAuth(of),
    ...timeout(of),
    ...policyViolation(of),
    ...limitHit(of),
    ...slower(of),
    ...stepNotMade(of, remedy),
    ...stale,
    ...notCarriedOut(of),
  ];
  const changed = resultChanged(of, remedy).filter(
    ({ tools }) => !stale.some((each) => each.schema === 'output' && each.tools?.[0] === tools?.[0]),
  );
  const causes = [...certain, ...changed, ...judgeDisagreement(of)];
  const left = notMet(of, causes);
  return [...causes, ...left, ...flaky(of, [...causes, ...left])];
}

/** Whether the version that ran would need a change for this cause, and the active one doesn't. */
function isRemedied({ tools = [], decision }: Cause, of: Case, remedy: Remedy): boolean {
  if (of.definition === of.active || decision !== undefined) return false;
  const old = [...remedy.renames].flatMap(([from, to]) => (tools.includes(to) ? [from] : []));
  const scope = { allow: [], limits: {}, only: new Set([...tools, ...old]) };
  const change = (definition: DiagnosisFacts['active']) =>
    toChanges(definition, applyRemedy(definition, of, remedy, scope));
  return change(of.definition) !== null && change(of.active) === null;
}
