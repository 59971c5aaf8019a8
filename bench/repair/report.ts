import { formatTable, percentile } from '../figures.ts';
import type { Spent } from './agent.ts';
import type { Judgment } from './judge.ts';

/** What a fault led to; `problem` where it could not be tried to the end, which counts as a miss of everything. */
export type Finding = { fault: string } & ({ judgment: Judgment; spent: Spent } | { problem: string });

const minFirstRight = 0.95;

/** The figures of all faults, and the faults that are not as they should be. */
export function report(findings: readonly Finding[]) {
  const judged = findings.flatMap((finding) => ('judgment' in finding ? [finding] : []));
  const count = (value: (judgment: Judgment) => boolean | null) => {
    const values = judged.map(({ judgment }) => value(judgment)).filter((each) => each !== null);
    return { right: values.filter(Boolean).length, of: values.length };
  };
  const unfinished = findings.length - judged.length;
  const first = count(({ isFirstRight }) => isFirstRight);
  const figures = {
    first: { right: first.right, of: findings.length },
    repaired: count(({ isRepaired }) => isRepaired),
    pinned: count(({ isPinned }) => isPinned),
    silenced: count(({ isSilenced }) => isSilenced).right,
    unfinished,
    repair: spread(judged.filter(({ judgment }) => judgment.isRepaired).map(({ spent }) => spent)),
    diagnosis: spread(judged.filter(({ judgment }) => judgment.isRepaired === null).map(({ spent }) => spent)),
  };
  const isReached =
    figures.first.right >= minFirstRight * figures.first.of &&
    figures.repaired.right === figures.repaired.of &&
    figures.pinned.right === figures.pinned.of &&
    figures.silenced === 0 &&
    unfinished === 0;
  const text = [
    formatTable([
      ['', 'figure', 'goal'],
      ['first cause right', share(figures.first), `≥ ${minFirstRight * 100} %`],
      ['changes that repaired, passed on as they were', share(figures.repaired), 'all'],
      ['changes that silenced a test', String(figures.silenced), '0'],
      ['regression drafts red with the fault, green without (or rightly refused)', share(figures.pinned), 'all'],
      ['faults that could not be tried', String(unfinished), '0'],
      ['calls per repair, median and worst', figures.repair.calls, ''],
      ['tokens per repair, median and worst', figures.repair.tokens, ''],
      ['tokens where no change is right, median and worst', figures.diagnosis.tokens, ''],
    ]),
    ...listMisses(findings),
    isReached ? 'All goals are reached.' : 'Goals are missed.',
  ].join('\n\n');
  return { text, isReached, figures };
}

const share = ({ right, of }: { right: number; of: number }): string => `${right} of ${of}`;

/** Median and worst of what repairs took. */
const spread = (spent: readonly Spent[]): { calls: string; tokens: string } => {
  const of = (values: readonly number[]) =>
    values.length === 0 ? 'none' : `${percentile(values, 0.5)}, ${Math.max(...values)}`;
  return { calls: of(spent.map(({ calls }) => calls)), tokens: of(spent.map(({ tokens }) => tokens)) };
};

function listMisses(findings: readonly Finding[]): string[] {
  const missed = findings.flatMap((finding) => {
    const misses = 'problem' in finding ? [finding.problem] : finding.judgment.misses;
    return misses.length === 0 ? [] : [[finding.fault, ...misses.map((miss) => `  - ${miss}`)].join('\n')];
  });
  return missed.length === 0 ? [] : [`Not as it should be:\n${missed.join('\n')}`];
}
