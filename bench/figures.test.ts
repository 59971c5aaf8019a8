import { describe, expect, it } from 'vitest';
import { readCpuSeconds } from './cpu.ts';
import { formatTable, percentile } from './figures.ts';

describe('percentile', () => {
  it.each([
    { values: [3, 1, 2], p: 0.5, expected: 2 },
    { values: [4, 3, 2, 1], p: 0.5, expected: 2 },
    { values: Array.from({ length: 100 }, (_, index) => index + 1), p: 0.95, expected: 95 },
    { values: [7], p: 0.95, expected: 7 },
  ])('$p of $values.length values is $expected', ({ values, p, expected }) => {
    expect(percentile(values, p)).toBe(expected);
  });

  it('throws without values', () => {
    expect(() => percentile([], 0.5)).toThrow('No values');
  });
});

describe('formatTable', () => {
  it('aligns columns', () => {
    expect(
      formatTable([
        ['a', '1'],
        ['bcd', '10'],
      ]),
    ).toBe('a      1\nbcd   10');
  });
});

describe.runIf(process.platform === 'linux')('readCpuSeconds', () => {
  it('grows with the work of a process, and is 0 without a process', () => {
    const before = readCpuSeconds(process.pid);
    const deadline = performance.now() + 60_000;
    while (readCpuSeconds(process.pid) - before < 0.05 && performance.now() < deadline) Math.sqrt(Math.random());
    expect(readCpuSeconds(process.pid) - before).toBeGreaterThanOrEqual(0.05);
    expect(readCpuSeconds(2 ** 30)).toBe(0);
  });
});
