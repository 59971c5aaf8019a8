import type { Diagnosis } from '../../domain/diagnosis/diagnose.ts';
import type { Warning } from '../../domain/error/error.ts';
import { meetsPassRule, type PassRule } from '../../domain/stats/pass-rule.ts';
import { flakeRate, type Interval, passPower, type Tally, wilson } from '../../domain/stats/stats.ts';
import { type ExitCode, exitCodes } from '../exit.ts';
import type { Comparison } from './baseline.ts';
import type { Planned } from './plan.ts';
import type { LocalRun } from './run.ts';

/** A run with why it did not pass, by the rules of a server. */
export type DiagnosedRun = LocalRun & { diagnosis: Diagnosis | null };

/** All runs of one workflow by one model, and what they come to. */
export type Group = {
  workflow: Planned;
  model: string;
  runs: DiagnosedRun[];
  /** `incomplete`: runs without a verdict leave it open. */
  outcome: 'pass' | 'fail' | 'incomplete' | 'skipped';
  /** Why it is skipped or incomplete. */
  reason: string | null;
  /** Runs with a verdict. */
  tally: Tally;
  flagged: boolean;
  rate: Interval & { value: number | null };
  /** pass^k for k = 1 and more, up to the number of runs with a verdict. */
  passPowers: number[];
  flakeRate: number | null;
  calls: number;
  tokens: number;
  cost: number | null;
  durationMs: number;
  /** With an earlier state of a baseline; null without one. */
  comparison: Comparison | null;
  warnings: Warning[];
};

/** @param planned.count how many runs there should have been */
export function toGroup(
  planned: { workflow: Planned; model: string; count: number },
  {
    runs,
    rule,
    failsOnFlagged,
    reason,
  }: { runs: DiagnosedRun[]; rule: PassRule; failsOnFlagged: boolean; reason: string | null },
): Group {
  const graded = runs.filter(({ status }) => status !== 'error');
  const tally = { passes: graded.filter(({ status }) => status === 'pass').length, runs: graded.length };
  const flagged = runs.some((run) => run.flagged);
  const outcome = decide({ tally, count: planned.count, rule });
  return {
    workflow: planned.workflow,
    model: planned.model,
    runs,
    outcome: reason !== null && runs.length === 0 ? 'skipped' : flagged && failsOnFlagged ? 'fail' : outcome,
    reason: reason ?? (outcome === 'incomplete' ? (runs.find(({ error }) => error)?.error?.message ?? null) : null),
    tally,
    flagged,
    rate: { ...wilson(tally.passes, tally.runs), value: tally.runs === 0 ? null : tally.passes / tally.runs },
    passPowers: Array.from({ length: tally.runs }, (_, index) => passPower(tally.passes, tally.runs, index + 1) ?? 0),
    flakeRate: flakeRate(graded.map(({ status }) => status)),
    calls: sum(runs.map(({ callCount }) => callCount)),
    tokens: sum(runs.map(({ inputTokens, outputTokens, judgeTokens }) => inputTokens + outputTokens + judgeTokens)),
    cost: runs.some(({ cost }) => cost === null) ? null : sum(runs.map(({ cost }) => cost ?? 0)),
    durationMs: sum(runs.map(({ durationMs }) => durationMs)),
    comparison: null,
    warnings: [],
  };
}

/** Runs without a verdict decide nothing: the rule is met or not whatever they had been, or the outcome stays open. */
function decide({ tally, count, rule }: { tally: Tally; count: number; rule: PassRule }): Group['outcome'] {
  const open = count - tally.runs;
  if (meetsPassRule(rule, { passes: tally.passes, runs: count })) return 'pass';
  return meetsPassRule(rule, { passes: tally.passes + open, runs: count }) ? 'incomplete' : 'fail';
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, each) => total + each, 0);

export const groupExitCode = ({ outcome, comparison }: Group): ExitCode => {
  if (outcome === 'fail' || comparison?.change === 'worse') return exitCodes.verdict;
  return outcome === 'incomplete' ? exitCodes.incomplete : exitCodes.pass;
};
