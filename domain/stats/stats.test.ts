import { describe, expect, it } from 'vitest';
import { meetsPassRule, parsePassRule } from './pass-rule.ts';
import { compareRates, flakeRate, newcombe, passPower, wilson } from './stats.ts';

const rounded = (values: object): object =>
  Object.fromEntries(Object.entries(values).map(([name, value]) => [name, Number(Number(value).toFixed(4)) + 0]));

describe('wilson', () => {
  // Newcombe, "Two-sided confidence intervals for the single proportion", Statistics in Medicine 17 (1998), table I.
  it.each([
    [81, 263, 0.2553, 0.3662],
    [15, 148, 0.0624, 0.1605],
    [0, 20, 0, 0.1611],
    [1, 29, 0.0061, 0.1718],
  ])('of %i of %i is that of the published table', (passes, runs, low, high) => {
    expect(rounded(wilson(passes, runs))).toEqual({ low, high });
  });

  it('of all runs ends at 1, and of none says nothing', () => {
    expect(wilson(20, 20).high).toBe(1);
    expect(rounded(wilson(20, 20))).toEqual({ low: 0.8389, high: 1 });
    expect(wilson(0, 0)).toEqual({ low: 0, high: 1 });
  });

  it('is narrower with a smaller quantile', () => {
    // Agresti and Coull, The American Statistician 52 (1998): the middle is that of two successes and failures more.
    const { low, high } = wilson(9, 10, 2);
    expect((low + high) / 2).toBeCloseTo((9 + 2) / (10 + 4), 12);
    expect(high - low).toBeGreaterThan(wilson(9, 10, 1).high - wilson(9, 10, 1).low);
  });
});

describe('newcombe', () => {
  // Newcombe, "Interval estimation for the difference between independent proportions", Statistics in Medicine 17
  // (1998), table II, method 10.
  it.each([
    [56, 70, 48, 80, 0.0524, 0.3339],
    [9, 10, 3, 10, 0.1705, 0.809],
    [6, 7, 2, 7, 0.0582, 0.8062],
    [5, 56, 0, 29, -0.0381, 0.1926],
    [0, 10, 0, 20, -0.1611, 0.2775],
    [0, 10, 0, 10, -0.2775, 0.2775],
    [10, 10, 0, 20, 0.6791, 1],
    [10, 10, 0, 10, 0.6075, 1],
  ])('of %i of %i and %i of %i is that of the published table', (passesA, runsA, passesB, runsB, low, high) => {
    const a = { passes: passesA, runs: runsA };
    const b = { passes: passesB, runs: runsB };
    const difference = Number((passesA / runsA - passesB / runsB).toFixed(4));
    expect(rounded(newcombe(a, b))).toEqual({ difference, low, high });
  });
});

describe('passPower', () => {
  // The estimator of pass^k of Yao et al., "τ-bench" (arXiv 2406.12045), section 3: C(c, k) / C(n, k).
  it.each([
    [8, 8, 4, 1],
    [4, 8, 1, 0.5],
    [4, 8, 2, 6 / 28],
    [4, 8, 4, 1 / 70],
    [3, 8, 4, 0],
    [0, 8, 1, 0],
    [5, 8, 0, 1],
  ])('of %i of %i and k = %i is %f', (passes, runs, k, power) => {
    expect(passPower(passes, runs, k)).toBeCloseTo(power, 12);
  });

  it('is unknown with fewer runs than k', () => {
    expect(passPower(3, 3, 4)).toBeNull();
  });
});

describe('flakeRate', () => {
  it.each([
    [['pass', 'pass', 'pass'], 0],
    [['fail', 'fail'], 0],
    [['pass', 'fail', 'pass', 'fail'], 1],
    [['pass', 'pass', 'fail', 'fail', 'fail'], 0.25],
    [['pass', 'fail', 'pass', 'pass', 'pass'], 0.5],
  ])('of %j is %d', (outcomes, rate) => {
    expect(flakeRate(outcomes)).toBe(rate);
  });

  it.each([[[]], [['pass']]])('of %j is unknown', (outcomes) => {
    expect(flakeRate(outcomes)).toBeNull();
  });
});

describe('compareRates', () => {
  const of = (passes: number, runs: number) => ({ passes, runs });
  it.each([
    [of(1, 1), of(0, 1), 'too_few'],
    [of(0, 0), of(5, 5), 'too_few'],
    [of(5, 5), of(0, 0), 'too_few'],
    [of(10, 10), of(9, 10), 'none'],
    [of(10, 10), of(10, 10), 'none'],
    [of(10, 10), of(3, 10), 'worse'],
    [of(2, 10), of(10, 10), 'better'],
  ])('of %j and then %j is %s', (before, now, change) => {
    expect(compareRates(before, now).change).toBe(change);
  });
});

describe('pass rules', () => {
  it.each([
    ['all', 3, 3, true],
    ['all', 2, 3, false],
    ['any', 1, 3, true],
    ['any', 0, 3, false],
    ['majority', 2, 3, true],
    ['majority', 2, 4, false],
    ['rate:0.8', 4, 5, true],
    ['rate:0.8', 3, 5, false],
    ['rate:1', 5, 5, true],
    ['any', 0, 0, false],
    ['rate:.5', 1, 2, true],
  ])('%s of %i of %i is %s', (text, passes, runs, isMet) => {
    const rule = parsePassRule(text);
    expect(rule && meetsPassRule(rule, { passes, runs })).toBe(isMet);
  });

  it.each(['', 'most', 'rate', 'rate:', 'rate:0', 'rate:1.1', 'rate:80', 'rate:-1', 'All'])('"%s" is none', (text) => {
    expect(parsePassRule(text)).toBeNull();
  });
});
