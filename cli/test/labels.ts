import { count, formatPercent } from '../output/quote.ts';
import type { Group } from './results.ts';

/** Such as `3/4`, over all runs with a verdict. */
export function describeCriteria({ runs }: Group): string {
  const results = runs.flatMap((run) => run.results);
  return results.length === 0 ? '' : `${results.filter(({ verdict }) => verdict === 'pass').length}/${results.length}`;
}

/** What several runs say together: pass rate with interval, pass^k, flake rate. Empty for a single run. */
export function describeRepeats({ tally, rate, passPowers, flakeRate }: Group): string {
  if (tally.runs < 2 || rate.value === null) return '';
  const power = passPowers.at(-1);
  return [
    `${tally.passes} of ${tally.runs} passed: ${formatPercent(rate.value)} (95 %: ${formatPercent(rate.low)} to ${formatPercent(rate.high)})`,
    ...(power === undefined ? [] : [`pass^${tally.runs} ${formatPercent(power)}`]),
    ...(flakeRate === null ? [] : [`flake rate ${formatPercent(flakeRate)}`]),
  ].join(' · ');
}

/** How the pass rate compares with the baseline. Empty without one. */
export function describeComparison({ comparison }: Group): string {
  if (!comparison) return '';
  const { before, difference, low, high, change } = comparison;
  const was = `baseline ${before.passes} of ${before.runs}`;
  if (change === 'too_few') return `${was}: not enough runs to compare`;
  const points = (share: number) => `${share > 0 ? '+' : ''}${Math.round(share * 100)}`;
  const interval = `${points(difference)} points (95 %: ${points(low)} to ${points(high)})`;
  return change === 'none' ? `${was}: no difference shown, ${interval}` : `${was}: ${change}, ${interval}`;
}

export const outcomeOf = ({ outcome, flagged }: Group): string => (flagged ? `${outcome}, flagged` : outcome);

/** Why a group did not pass, one line each. Untrusted. */
export function listReasons(group: Group): string[] {
  const { runs, reason } = group;
  const failing = runs.find(({ status }) => status !== 'pass');
  const failed = runs.filter(({ status }) => status !== 'pass').length;
  return [
    ...(group.outcome === 'incomplete' && reason !== null ? [reason] : []),
    ...(runs.length > 1 && failed > 0 ? [`${count(failed, 'run')} of ${runs.length} did not pass.`] : []),
    ...(failing?.results ?? [])
      .filter(({ verdict }) => verdict !== 'pass')
      .map(
        ({ verdict, text, rationale, isRequired }) =>
          `${verdict}${isRequired ? '' : ' (optional)'}: ${text}: ${rationale}`,
      ),
    ...(failing?.diagnosis?.causes ?? [])
      .slice(0, 3)
      .map(({ summary, remediation }) => `Probable cause: ${summary} ${remediation}`),
  ];
}
