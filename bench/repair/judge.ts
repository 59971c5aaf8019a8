import { describeCriterion } from '../../domain/assertion/criterion.ts';
import type { WorkflowDefinition } from '../../domain/workflow/definition.ts';
import type { Diagnosis } from './agent.ts';
import type { Outcome } from './drive.ts';
import type { Fault } from './fault.ts';

export type Judgment = {
  isFirstRight: boolean;
  /** Whether a change that can be known repaired; null where none can. */
  isRepaired: boolean | null;
  isSilenced: boolean;
  /** Whether the regression draft was red, then green, or rightly refused; null where none makes sense. */
  isPinned: boolean | null;
  /** Everything that is not as it should be. */
  misses: string[];
};

export function judge(fault: Fault, outcome: Outcome): Judgment {
  const { repair, left, calls } = outcome;
  const first = describeFirst(repair);
  const isFirstRight = isRight(fault, repair);
  const change = judgeChange(fault, outcome);
  const pinned = judgeDraft(fault, outcome);
  const called = (fault.never ?? []).filter((tool) => calls.includes(tool));
  return {
    isFirstRight,
    isRepaired: change.isRepaired,
    isSilenced: change.silenced.length > 0,
    isPinned: pinned && pinned.length === 0,
    misses: [
      ...(isFirstRight ? [] : [`first cause: ${first}`]),
      ...change.silenced,
      ...change.misses,
      ...(pinned ?? []),
      ...called.map((tool) => `${tool} was called`),
      ...(left && !mayLeave(fault) ? [`then: ${describeFirst(left)}`] : []),
    ],
  };
}

/** Whether something is left to people after a right change. */
const mayLeave = ({ change }: Fault): boolean => change === 'helps' || change === 'may help';

const isRight = ({ causes }: Fault, { causes: [first] }: Diagnosis): boolean =>
  causes.some(({ kinds, names }) => {
    const said = JSON.stringify(first ?? '');
    return kinds.some((kind) => kind === first?.kind) && names.every((name) => said.includes(name));
  });

const describeFirst = ({ causes: [first] }: Diagnosis): string =>
  first ? `${first.kind}: ${first.summary}` : 'no cause at all';

function judgeChange(
  fault: Fault,
  { repair, before, after, left, sabotaged }: Outcome,
): { isRepaired: boolean | null; silenced: string[]; misses: string[] } {
  const { change, rerun } = repair;
  const known = fault.change === 'repairs' || fault.change === 'helps';
  if (change === null || rerun === null)
    return { isRepaired: known ? false : null, silenced: [], misses: known ? ['no change was suggested'] : [] };
  const suggested = `suggested: ${JSON.stringify(change)}`;
  if (fault.change === 'none') {
    const isSilenced = rerun.status === 'pass';
    return isSilenced
      ? { isRepaired: null, silenced: [suggested], misses: [] }
      : { isRepaired: false, silenced: [], misses: [suggested] };
  }
  const weakened = listWeakened(before, after);
  if (mayLeave(fault)) {
    const isLeft = rerun.status !== 'pass' && left !== null && left.change === null;
    return { isRepaired: isLeft, silenced: isLeft ? weakened : [suggested, ...weakened], misses: [] };
  }
  const isBlind = rerun.status === 'pass' && sabotaged === 'pass';
  const isRepaired = rerun.status === 'pass' && rerun.comparison === 'fixed';
  return {
    isRepaired,
    silenced: [...(isBlind ? ['passes with another defect, too'] : []), ...weakened],
    misses: isRepaired ? [] : [`the rerun was ${rerun.status} (${rerun.warnings.join(', ')}); ${suggested}`],
  };
}

/** What a change must not do to make a run pass. */
function listWeakened(before: WorkflowDefinition, after: WorkflowDefinition): string[] {
  const criteria = before.criteria.flatMap(({ text, isRequired }, position) => {
    const now = after.criteria[position];
    const isSame = now && now.isRequired === isRequired && expectation(now.text) === expectation(text);
    return isSame ? [] : [`"${text}" became "${now?.text ?? 'nothing'}"`];
  });
  const unblocked = before.toolPolicy.blockedTools.length > after.toolPolicy.blockedTools.length;
  return [...criteria, ...(unblocked ? ['a tool was unblocked'] : [])];
}

/** What a criterion expects, whatever its tools and fields are called. */
function expectation(text: string): string {
  const grading = describeCriterion(text);
  if (grading.by !== 'assertion') return text;
  const { assertion } = grading;
  switch (assertion.kind) {
    // The value of an argument is what the test sends, not what it expects.
    case 'called_with':
      return JSON.stringify([assertion.kind, assertion.negated]);
    case 'result_field':
      return JSON.stringify([assertion.kind, assertion.negated, assertion.test]);
    default: {
      const { kind, ...rest } = assertion;
      const named = new Set(['tool', 'first', 'second']);
      return JSON.stringify([kind, ...Object.entries(rest).filter(([name]) => !named.has(name))]);
    }
  }
}

function judgeDraft(fault: Fault, { draft, failed }: Outcome): string[] | null {
  if (fault.draft === 'skipped' || draft === null) return null;
  if (fault.draft === 'refused') return 'refusal' in draft ? [] : [`the draft was not refused: ${draft.red}`];
  if ('refusal' in draft) return [`the draft was refused: ${draft.refusal}`];
  return [
    ...(draft.red === failed ? [] : [`with the fault the draft was ${draft.red}`]),
    ...(draft.green === 'pass' ? [] : [`without the fault the draft was ${draft.green}`]),
  ];
}
