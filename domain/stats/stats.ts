/** How sure pass rates are. A rate of few runs says little; these functions say how little. */

export type Interval = { low: number; high: number };
/** Runs that have a verdict, and how many of them passed. */
export type Tally = { passes: number; runs: number };

/** Standard normal quantile of a 95 % interval. */
const z95 = 1.959963984540054;

/**
 * Wilson's score interval of a rate, without continuity correction. Of no runs: from 0 to 1.
 * @param z standard normal quantile. @default that of 95 %
 */
export function wilson(passes: number, runs: number, z: number = z95): Interval {
  if (runs === 0) return { low: 0, high: 1 };
  const rate = passes / runs;
  const square = (z * z) / runs;
  const middle = rate + square / 2;
  const half = z * Math.sqrt((rate * (1 - rate)) / runs + square / (4 * runs));
  return {
    low: passes === 0 ? 0 : Math.max(0, (middle - half) / (1 + square)),
    high: passes === runs ? 1 : Math.min(1, (middle + half) / (1 + square)),
  };
}

/** Newcombe's hybrid score interval (95 %) of the difference of two independent rates, `a` minus `b`. */
export function newcombe(a: Tally, b: Tally): Interval & { difference: number } {
  const [rateA, rateB] = [toRate(a), toRate(b)];
  const [one, other] = [wilson(a.passes, a.runs), wilson(b.passes, b.runs)];
  const difference = rateA - rateB;
  return {
    difference,
    low: difference - Math.hypot(rateA - one.low, other.high - rateB),
    high: difference + Math.hypot(one.high - rateA, rateB - other.low),
  };
}

const toRate = ({ passes, runs }: Tally): number => (runs === 0 ? 0 : passes / runs);

/**
 * pass^k: how likely `k` runs all pass. Unbiased: the share of all choices of `k` of the runs that only passed. Null
 * where there are fewer runs than `k`.
 */
export function passPower(passes: number, runs: number, k: number): number | null {
  if (runs < k) return null;
  let power = 1;
  for (let taken = 0; taken < k; taken++) power *= Math.max(0, passes - taken) / (runs - taken);
  return power;
}

/**
 * How often an outcome differs from the one before it: 0 of a test that always ends the same, also of one that broke
 * for good, near 0. Null of fewer than two outcomes.
 * @param outcomes of the same test, in order
 */
export function flakeRate<Outcome>(outcomes: readonly Outcome[]): number | null {
  if (outcomes.length < 2) return null;
  const changes = outcomes.filter((outcome, index) => index > 0 && outcome !== outcomes[index - 1]);
  return changes.length / (outcomes.length - 1);
}

/**
 * `too_few`: not even a rate of 0 or 1 would now be a difference. `none`: the interval contains 0, so that chance
 * explains the difference.
 */
export type RateChange = 'better' | 'worse' | 'none' | 'too_few';

/** Compares a rate with an earlier one. */
export function compareRates(before: Tally, now: Tally): ReturnType<typeof newcombe> & { change: RateChange } {
  const compared = newcombe(now, before);
  const canDiffer = [0, now.runs].some((passes) => excludesZero(newcombe({ passes, runs: now.runs }, before)));
  const change = !canDiffer
    ? 'too_few'
    : !excludesZero(compared)
      ? 'none'
      : compared.difference > 0
        ? 'better'
        : 'worse';
  return { ...compared, change };
}

const excludesZero = ({ low, high }: Interval): boolean => low > 0 || high < 0;
