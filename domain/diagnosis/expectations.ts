import { validateAssertionTools } from '../assertion/criterion.ts';
import { cutJson, writePath } from '../json/difference.ts';
import { parsePath } from '../json/path.ts';
import { toCallId } from '../run/ids.ts';
import type { CriterionResult } from '../run/run.ts';
import { findContradictions } from '../workflow/contradictions.ts';
import { type Case, type Cause, type ChangedValue, getAssertion } from './facts.ts';
import { valueAt } from './output-fields.ts';
import type { Remedy } from './remedy.ts';
import { unmadeReferences } from './results.ts';

/** A step that could not be made since an earlier result, of a call that worked, lacks what it takes from there. */
export function stepNotMade(of: Case, remedy: Remedy): Cause[] {
  return unmadeReferences(of).map(({ call, tool, keys, step }) => {
    const path = writePath(keys);
    const moved = remedy.movedField(tool, path);
    return {
      kind: 'step_not_made',
      confidence: moved ? 0.95 : 0.9,
      summary: `Step ${step} of the prompt could not be made: the result of \`${tool}\` (${toCallId(call.index)}) has no \`${path}\`${moved ? `, which is most likely \`${writePath(moved)}\` now` : ''}.`,
      evidence: [toCallId(call.index)],
      remediation: moved
        ? `Take \`${writePath(moved)}\` from the result instead.`
        : `Read the result of ${toCallId(call.index)}: either \`${tool}\` returns too little, or the step takes the wrong field.`,
      ...(!moved && {
        decision: `Decide whether \`${tool}\` has to return \`${path}\`, or whether the step should take something else.`,
      }),
      tools: [tool],
      schema: 'output',
    };
  });
}

/** Criteria of which one fails whatever the server does. */
export function criteriaContradict(of: Case): Cause[] {
  const { criteria } = of.definition;
  const failing = new Set(of.failing.map(({ criterionId }) => criterionId));
  return findContradictions(criteria, of.isScripted ? of.steps : null).flatMap(({ positions, words }): Cause[] => {
    const ids = positions.flatMap((position) => criteria[position]?.id ?? []);
    if (positions.length < 2 || !ids.some((id) => failing.has(id))) return [];
    return [
      {
        kind: 'criteria_contradict',
        confidence: 0.98,
        summary: `Criteria ${positions.map((position) => position + 1).join(' and ')} can't both be met: ${words}.`,
        evidence: ids,
        remediation: 'Change or remove one of the two.',
        decision: 'Decide which of the two criteria says what is meant.',
      },
    ];
  });
}

/** A run that took longer than a criterion allows, with the call that took the most time more than before. */
export function slower(of: Case): Cause[] {
  const late = of.failing.filter(({ text }) => getAssertion(text)?.kind === 'finishes_within');
  const calls = of.calls.filter(({ latencyMs }) => latencyMs !== undefined);
  const earlier = of.lastPassing?.calls ?? [];
  const [most] = calls
    .map((call) => {
      const before = earlier.filter(({ tool }) => tool === call.tool).map(({ latencyMs }) => latencyMs ?? 0);
      const usual = before.length > 0 ? Math.max(...before) : null;
      return { call, usual, more: (call.latencyMs ?? 0) - (usual ?? 0) };
    })
    .sort((a, b) => b.more - a.more);
  if (late.length === 0 || !most || most.more <= 0) return [];
  const { call, usual } = most;
  const before = usual === null ? '' : `, ${usual} ms at most in the last passing run`;
  return [
    {
      kind: 'expectation_not_met',
      confidence: 0.88,
      summary: `Criterion ${late.map(({ position }) => position + 1).join(', ')} allows less time than the run took: \`${call.tool}\` (${toCallId(call.index)}) took ${call.latencyMs} ms${before}.`,
      evidence: [...late.map(({ criterionId }) => criterionId), toCallId(call.index)],
      remediation: `Find out why \`${call.tool}\` is slow.`,
      decision: `Decide whether \`${call.tool}\` may take that long: if not, the test has found a slow tool.`,
      tools: [call.tool],
    },
  ];
}

/** The judge failed the run although every call succeeded. */
export function judgeDisagreement(of: Case): Cause[] {
  const judged = of.failing.filter(({ gradedBy }) => gradedBy === 'judge');
  const clean = of.calls.every(({ outcome }) => outcome === 'ok') && of.run.limitHit === null && of.run.error === null;
  if (judged.length === 0 || !clean) return [];
  const same =
    of.lastPassing !== null &&
    of.lastPassing.calls.map(({ tool }) => tool).join('\n') === of.calls.map(({ tool }) => tool).join('\n');
  return [
    {
      kind: 'judge_disagreement',
      confidence: same ? 0.8 : 0.65,
      summary: `No tool call failed, yet the judge did not pass ${judged.length === 1 ? 'a criterion' : `${judged.length} criteria`}${same ? '; the last passing run made the same calls' : ''}.`,
      evidence: [...new Set(judged.flatMap(({ criterionId, evidence }) => [criterionId, ...evidence]))],
      remediation:
        'Read the rationale: if the agent was wrong, change the prompt; if the judge was, make the criterion more precise, ideally as an assertion.',
    },
  ];
}

/**
 * Failing criteria that no other cause explains: never met so far, or met before with other calls. One cause for each
 * of the two, so that a failed run has at least one.
 */
export function notMet(of: Case, causes: readonly Cause[]): Cause[] {
  const left = of.failing.filter((result) => !isExplained(of, result, causes));
  const met = new Set(
    of.others.runs.flatMap(({ verdicts }) =>
      verdicts.flatMap(({ criterionId, text, verdict }) => (verdict === 'pass' ? [`${criterionId} ${text}`] : [])),
    ),
  );
  const groups = Map.groupBy(left, ({ criterionId, text }) => met.has(`${criterionId} ${text}`));
  return [...groups].map(([wasMet, results]) => {
    const about = results.slice(0, 5);
    const positions = about.map(({ position }) => position + 1).join(', ');
    const values = about.flatMap((result) => valuesOf(of, result)).slice(0, 5);
    const tools = [...new Set(about.flatMap(({ text }) => toolsIn(text)))];
    const named = tools.length > 0 ? ` (about ${tools.map((tool) => `\`${tool}\``).join(', ')})` : '';
    const evidence = [...new Set(results.flatMap((result) => [result.criterionId, ...result.evidence.slice(0, 5)]))];
    const common = { evidence, values, tools, schema: 'output' as const };
    const which = `Criterion ${positions}${named}`;
    if (wasMet)
      return {
        ...common,
        kind: 'expectation_not_met' as const,
        confidence: 0.7,
        summary: `${which} was met in an earlier run and is not now, though no tool failed: the agent made other calls, or their results differ.`,
        remediation: 'Compare this run with the last passing one (compare_runs), and read the rationale.',
        decision: 'Decide whether the agent, the server or the criterion has to change.',
      };
    const ever = of.others.isWhole ? 'so far' : `in the last ${of.others.runs.length} runs`;
    return {
      ...common,
      kind: 'never_met' as const,
      confidence: 0.85,
      summary: `${which} was never met ${ever}, and no other cause explains it: either it expects the wrong thing, or the server has never done it.`,
      remediation: 'Read the rationale and the values: what the criterion expects and what came do not agree.',
      decision: 'Decide which is right: what the criterion expects, or what the server does.',
    };
  });
}

const toolsIn = (text: string): string[] => {
  const assertion = getAssertion(text);
  return assertion ? validateAssertionTools(assertion) : [];
};

/** The value that a criterion about a field found. */
function valuesOf(of: Case, { text }: CriterionResult): ChangedValue[] {
  const assertion = getAssertion(text);
  if (assertion?.kind !== 'result_field' && assertion?.kind !== 'called_with') return [];
  const { tool, path, kind } = assertion;
  const keys = parsePath(path) ?? [];
  const call = of.calls.findLast((each) => each.tool === tool && each.outcome === 'ok');
  if (!call) return [];
  const document = kind === 'called_with' ? call.arguments : of.documentOf(call)?.document;
  const found = valueAt(document, keys);
  return [{ call: toCallId(call.index), path, ...(found && { now: cutJson(found.value, 160) }) }];
}

/** From here on, a cause stands for the failures that follow from it. */
const certain = 0.75;

function isExplained(
  of: Case,
  { criterionId, text, evidence, gradedBy }: CriterionResult,
  causes: readonly Cause[],
): boolean {
  if (gradedBy === 'judge' && causes.some(({ kind }) => kind === 'judge_disagreement')) return true;
  const likely = causes.filter(({ confidence }) => confidence >= certain);
  if (likely.length === 0) return false;
  const ids = new Set([criterionId, ...evidence]);
  if (likely.some((cause) => cause.evidence.some((id) => ids.has(id)))) return true;
  const assertion = getAssertion(text);
  const tools = toolsIn(text);
  if (likely.some((cause) => cause.tools?.some((tool) => tools.includes(tool)))) return true;
  // What a run could not get to follows from what stopped it.
  const stopped = likely.some(({ kind }) => stopping.has(kind));
  const called = new Set(of.calls.filter(({ outcome }) => outcome === 'ok').map(({ tool }) => tool));
  const isIncomplete =
    tools.length === 0 ? assertion?.kind !== 'uses_at_most' : tools.some((tool) => !called.has(tool));
  return (
    stopped &&
    isIncomplete &&
    (!of.isScripted ||
      tools.length === 0 ||
      tools.every((tool) => called.has(tool) || of.steps.some((step) => step.tool === tool)))
  );
}

const stopping: ReadonlySet<string> = new Set([
  'tool_missing_or_renamed',
  'arguments_rejected',
  'tool_error',
  'transport_or_auth_failure',
  'timeout',
  'policy_violation',
  'limit_hit',
  'step_not_made',
  'result_changed',
  'not_carried_out',
]);
