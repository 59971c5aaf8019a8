import { resultDocument, resultTexts } from '../assertion/facts.ts';
import { type CatalogToolShape, diffCatalog, type ToolChange } from '../catalog/diff.ts';
import { cutJson, type Difference, isSameKind, listDifferences, writePath } from '../json/difference.ts';
import { toCallId } from './ids.ts';
import type { CallOutcome, CriterionResult, RunStatus, ToolCall } from './run.ts';
import { diffSequence } from './sequence-diff.ts';

/** What a comparison reads of one run. `tools`: the catalog it saw, null where that is not known. */
export type ComparedRun = {
  status: RunStatus;
  flagged: boolean;
  durationMs: number | null;
  inputTokens: number;
  outputTokens: number;
  judgeTokens: number;
  /** US dollars; null where a price is unknown. */
  cost: number | null;
  results: readonly Pick<CriterionResult, 'criterionId' | 'text' | 'isRequired' | 'verdict' | 'rationale'>[];
  calls: readonly ToolCall[];
  tools: readonly CatalogToolShape[] | null;
};

type Grade = CriterionResult['verdict'] | null;

/**
 * `fixed`: did not pass, passes now. `regressed`: a worse verdict than before. `improved`: better, but no pass.
 * `added`, `removed`: only one of the runs was graded on it.
 */
export type CriterionComparison = {
  criterionId: string;
  text: string;
  /** The text of the baseline, where it was another. */
  textBefore?: string;
  isRequired: boolean;
  change: 'fixed' | 'regressed' | 'unchanged' | 'improved' | 'added' | 'removed';
  before: Grade;
  after: Grade;
  /** Why it did not pass in the candidate. */
  rationale?: string;
};

/** A place in a result, with short JSON of both sides, cut. A side is absent where it has no such field. */
export type ResultChange = { path: string; before?: string; after?: string };

/**
 * One step from the baseline's tool calls to the candidate's; ids are evidence ids of the run they stand for. Of two
 * calls in the same place only what differs is named, ids and times aside.
 */
export type CallStep = {
  op: 'changed' | 'removed' | 'added';
  tool: string;
  baselineCall?: string;
  candidateCall?: string;
  argumentsChanged?: ResultChange[];
  resultChanged?: ResultChange[];
  outcomeBefore?: CallOutcome;
  outcomeAfter?: CallOutcome;
};

export type Delta = { before: number | null; after: number | null; delta: number | null };

export type RunComparison = {
  status: { before: RunStatus; after: RunStatus; change: 'fixed' | 'regressed' | 'changed' | 'unchanged' };
  flagged: { before: boolean; after: boolean };
  /** Without those that passed both times. */
  criteria: CriterionComparison[];
  unchangedPasses: number;
  /** Without calls that stand in the same place and differ in nothing. */
  callSequence: CallStep[];
  unchangedCalls: number;
  /** Tools that only one of the runs called, and that only one of the catalogs has. */
  tools: { newlyCalled: string[]; noLongerCalled: string[]; newInCatalog: string[]; goneFromCatalog: string[] };
  /** Wall time of the runs and mean latency of their answered tool calls, milliseconds. */
  latency: { durationMs: Delta; meanCallMs: Delta };
  tokens: { input: Delta; output: Delta; judge: Delta };
  /** US dollars. */
  cost: Delta;
  /** Between the catalogs that the two runs saw; null where one of them is not known. */
  catalogChanges: ToolChange[] | null;
};

/**
 * What is different in the candidate, seen from the baseline. Criteria are matched by id, those without a match by
 * text.
 */
export function compareRuns(baseline: ComparedRun, candidate: ComparedRun): RunComparison {
  const called = { before: listTools(baseline), after: listTools(candidate) };
  const criteria = compareCriteria(baseline.results, candidate.results);
  const listed = criteria.filter(
    ({ before, after, textBefore }) => before !== 'pass' || after !== 'pass' || textBefore,
  );
  const calls = compareCalls(baseline.calls, candidate.calls);
  const catalogChanges = baseline.tools && candidate.tools ? diffCatalog(baseline.tools, candidate.tools) : null;
  const ofKind = (kind: 'added' | 'removed') =>
    (catalogChanges ?? []).filter((change) => change.kind === kind).map(({ tool }) => tool);
  return {
    status: { before: baseline.status, after: candidate.status, change: statusChange(baseline, candidate) },
    flagged: { before: baseline.flagged, after: candidate.flagged },
    criteria: listed,
    unchangedPasses: criteria.length - listed.length,
    callSequence: calls.steps,
    unchangedCalls: calls.unchanged,
    tools: {
      newlyCalled: [...called.after].filter((tool) => !called.before.has(tool)).sort(),
      noLongerCalled: [...called.before].filter((tool) => !called.after.has(tool)).sort(),
      newInCatalog: ofKind('added'),
      goneFromCatalog: ofKind('removed'),
    },
    latency: {
      durationMs: computeDelta(baseline.durationMs, candidate.durationMs),
      meanCallMs: computeDelta(meanLatency(baseline), meanLatency(candidate)),
    },
    tokens: {
      input: computeDelta(baseline.inputTokens, candidate.inputTokens),
      output: computeDelta(baseline.outputTokens, candidate.outputTokens),
      judge: computeDelta(baseline.judgeTokens, candidate.judgeTokens),
    },
    cost: computeDelta(baseline.cost, candidate.cost),
    catalogChanges,
  };
}

function statusChange(before: ComparedRun, after: ComparedRun): RunComparison['status']['change'] {
  if (before.status === after.status) return 'unchanged';
  if (after.status === 'pass') return 'fixed';
  return before.status === 'pass' ? 'regressed' : 'changed';
}

const rank = { error: 0, fail: 1, partial: 2, pass: 3 } as const;

function criterionChange(before: keyof typeof rank, after: keyof typeof rank): CriterionComparison['change'] {
  if (rank[before] === rank[after]) return 'unchanged';
  if (after === 'pass') return 'fixed';
  return rank[after] < rank[before] ? 'regressed' : 'improved';
}

function compareCriteria(before: ComparedRun['results'], after: ComparedRun['results']): CriterionComparison[] {
  const ids = new Set(after.map(({ criterionId }) => criterionId));
  const unmatched = Map.groupBy(
    before.filter(({ criterionId }) => !ids.has(criterionId)),
    ({ text }) => text,
  );
  const byId = new Map(before.map((result) => [result.criterionId, result]));
  const matched = new Set<string>();
  const now = after.map((result): CriterionComparison => {
    const { criterionId, text, isRequired, rationale } = result;
    const why = result.verdict === 'pass' ? {} : { rationale };
    const was = byId.get(criterionId) ?? unmatched.get(text)?.shift();
    if (!was) return { criterionId, text, isRequired, change: 'added', before: null, after: result.verdict, ...why };
    matched.add(was.criterionId);
    return {
      criterionId,
      text,
      ...(was.text !== text && { textBefore: was.text }),
      isRequired,
      change: criterionChange(was.verdict, result.verdict),
      before: was.verdict,
      after: result.verdict,
      ...why,
    };
  });
  const gone = before
    .filter(({ criterionId }) => !matched.has(criterionId))
    .map(
      ({ criterionId, text, isRequired, verdict }): CriterionComparison => ({
        criterionId,
        text,
        isRequired,
        change: 'removed',
        before: verdict,
        after: null,
      }),
    );
  return [...now, ...gone];
}

/** Of all calls of a run. */
const maxChanges = 60;
/** Of one call. */
const maxOfCall = 10;
const maxValueLength = 200;

function compareCalls(
  before: readonly ToolCall[],
  after: readonly ToolCall[],
): { steps: CallStep[]; unchanged: number } {
  const names = (calls: readonly ToolCall[]) => calls.map(({ tool }) => tool);
  let room = maxChanges;
  const take = (changes: ResultChange[]): ResultChange[] => {
    const taken = changes.slice(0, room);
    room -= taken.length;
    return taken;
  };
  const all = diffSequence(names(before), names(after)).flatMap((step): (CallStep | null)[] => {
    const one = 'before' in step ? before[step.before] : undefined;
    const two = 'after' in step ? after[step.after] : undefined;
    if (one && two) {
      const [args, results] = [argumentChanges(one, two), resultChanges(one, two)];
      if (args.length === 0 && results.length === 0 && one.outcome === two.outcome) return [null];
      return [
        {
          op: 'changed',
          tool: two.tool,
          baselineCall: toCallId(one.index),
          candidateCall: toCallId(two.index),
          ...(args.length > 0 && { argumentsChanged: take(args) }),
          ...(results.length > 0 && { resultChanged: take(results) }),
          ...(one.outcome !== two.outcome && { outcomeBefore: one.outcome, outcomeAfter: two.outcome }),
        },
      ];
    }
    if (one) return [{ op: 'removed', tool: one.tool, baselineCall: toCallId(one.index), outcomeBefore: one.outcome }];
    return two ? [{ op: 'added', tool: two.tool, candidateCall: toCallId(two.index), outcomeAfter: two.outcome }] : [];
  });
  const steps = all.filter((step) => step !== null);
  return { steps, unchanged: all.length - steps.length };
}

const argumentChanges = (one: ToolCall, two: ToolCall): ResultChange[] =>
  toChanges(listDifferences(one.arguments, two.arguments, 100));

/** Where two results differ: by field, or in their texts where one of them is no JSON. */
function resultChanges({ result: one }: ToolCall, { result: two }: ToolCall): ResultChange[] {
  if (!one || !two) return [];
  const [was, is] = [resultDocument(one), resultDocument(two)];
  if (was && is) return toChanges(listDifferences(was.document, is.document, 100));
  const [before, after] = [resultTexts(one).text, resultTexts(two).text];
  return toChanges(before === after ? [] : [{ path: [], ...aroundDifference(before, after) }]);
}

function toChanges(differences: readonly Difference[]): ResultChange[] {
  return differences
    .filter(({ before, after }) => !isSameKind(before, after))
    .slice(0, maxOfCall)
    .map((each) => ({
      path: writePath(each.path),
      ...('before' in each && { before: cutJson(each.before, maxValueLength) }),
      ...('after' in each && { after: cutJson(each.after, maxValueLength) }),
    }));
}

/** Two long texts from a little before where they begin to differ. */
function aroundDifference(before: string, after: string): { before: string; after: string } {
  let at = 0;
  while (at < before.length && before[at] === after[at]) at++;
  const from = Math.max(0, at - 40);
  const part = (text: string) => `${from > 0 ? '…' : ''}${text.slice(from, from + maxValueLength)}`.toWellFormed();
  return { before: part(before), after: part(after) };
}

const listTools = ({ calls }: ComparedRun): Set<string> => new Set(calls.map(({ tool }) => tool));

function meanLatency({ calls }: ComparedRun): number | null {
  const known = calls.flatMap(({ latencyMs }) => (latencyMs === undefined ? [] : [latencyMs]));
  return known.length === 0 ? null : Math.round(known.reduce((total, each) => total + each, 0) / known.length);
}

function computeDelta(before: number | null, after: number | null): Delta {
  // Costs are kept to a millionth of a dollar; the difference of two binary fractions would show more.
  const delta = before === null || after === null ? null : Math.round((after - before) * 1e6) / 1e6;
  return { before, after, delta };
}
