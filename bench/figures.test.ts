import { describe, expect, it } from 'vitest';
import { cpuSeconds } from './cpu.ts';
import { percentile, table } from './figures.ts';

describe('percentile', () => {
  it.each([
    { values: [3, 1, 2], p: 0.5, expected: 2 },
    { values: [4, 3, 2, 1], p: 0.5, expected: 2 },
    { values: Array.from({ length: 100 }, (_, index) => index + 1), p: 0.95, expected: 95 },
    { values: [7], p: 0.95, expected: 7 },
  ])('$p of $values.length values is $expected', ({ values, p, expected }) => {
    expect(percentile(values, p)).toBe(expected);
  });

  it('of nothing is an error, not a number', () => {
    expect(() => percentile([], 0.5)).toThrow('No values');
  });
});

describe('table', () => {
  it('aligns its columns', () => {
    expect(
      table([
        ['a', '1'],
        ['bcd', '10'],
      ]),
    ).toBe('a      1\nbcd   10');
  });
});

describe.runIf(process.platform === 'linux')('cpuSeconds', () => {
  it('grows with the work of a process, and is 0 for none', () => {
    const before = cpuSeconds(process.pid);
    const until = performance.now() + 60_000;
    while (cpuSeconds(process.pid) - before < 0.05 && performance.now() < until) Math.sqrt(Math.random());
    expect(cpuSeconds(process.pid) - before).toBeGreaterThanOrEqual(0.05);
    expect(cpuSeconds(2 ** 30)).toBe(0);
  });
});
