import { type CatalogToolShape, diffCatalog, type ToolChange } from '../catalog/diff.ts';
import { sameJson } from '../json/json.ts';
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
  results: readonly Pick<CriterionResult, 'criterionId' | 'text' | 'isRequired' | 'verdict'>[];
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
};

/** One step from the baseline's tool calls to the candidate's; ids are evidence ids of the run they stand for. */
export type CallStep = {
  op: 'same' | 'removed' | 'added';
  tool: string;
  baselineCall?: string;
  candidateCall?: string;
  /** What differs between two calls that stand in the same place. */
  argumentsChanged?: boolean;
  outcomeBefore?: CallOutcome;
  outcomeAfter?: CallOutcome;
};

export type Delta = { before: number | null; after: number | null; delta: number | null };

export type RunComparison = {
  status: { before: RunStatus; after: RunStatus; change: 'fixed' | 'regressed' | 'changed' | 'unchanged' };
  flagged: { before: boolean; after: boolean };
  criteria: CriterionComparison[];
  callSequence: CallStep[];
  /** Tools that only one of the runs called. */
  tools: { added: string[]; lost: string[] };
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
  return {
    status: { before: baseline.status, after: candidate.status, change: statusChange(baseline, candidate) },
    flagged: { before: baseline.flagged, after: candidate.flagged },
    criteria: compareCriteria(baseline.results, candidate.results),
    callSequence: compareCalls(baseline.calls, candidate.calls),
    tools: {
      added: [...called.after].filter((tool) => !called.before.has(tool)).sort(),
      lost: [...called.before].filter((tool) => !called.after.has(tool)).sort(),
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
    catalogChanges: baseline.tools && candidate.tools ? diffCatalog(baseline.tools, candidate.tools) : null,
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
  const unmatched = before.filter(({ criterionId }) => !ids.has(criterionId));
  const byId = new Map(before.map((result) => [result.criterionId, result]));
  const matched = new Set<string>();
  const now = after.map((result): CriterionComparison => {
    const { criterionId, text, isRequired } = result;
    const was = byId.get(criterionId) ?? unmatched.find((each) => each.text === text && !matched.has(each.criterionId));
    if (!was) return { criterionId, text, isRequired, change: 'added', before: null, after: result.verdict };
    matched.add(was.criterionId);
    return {
      criterionId,
      text,
      ...(was.text !== text && { textBefore: was.text }),
      isRequired,
      change: criterionChange(was.verdict, result.verdict),
      before: was.verdict,
      after: result.verdict,
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

function compareCalls(before: readonly ToolCall[], after: readonly ToolCall[]): CallStep[] {
  const names = (calls: readonly ToolCall[]) => calls.map(({ tool }) => tool);
  return diffSequence(names(before), names(after)).flatMap((step): CallStep[] => {
    const one = 'before' in step ? before[step.before] : undefined;
    const two = 'after' in step ? after[step.after] : undefined;
    const tool = (two ?? one)?.tool;
    if (tool === undefined) return [];
    return [
      {
        op: step.op,
        tool,
        ...(one && { baselineCall: toCallId(one.index), outcomeBefore: one.outcome }),
        ...(two && { candidateCall: toCallId(two.index), outcomeAfter: two.outcome }),
        ...(one && two && { argumentsChanged: !sameJson(one.arguments, two.arguments) }),
      },
    ];
  });
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
