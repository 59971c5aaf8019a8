import { describe, expect, it } from 'vitest';
import { type CallClaim, divideCalls, turnMs } from './divide-calls.ts';

const now = 1_000_000;
/** A claim as `[wanted, held, since when, in ms before now]`. */
const divide = (limit: number, ...rows: [wanted: number, held: number, ageMs: number][]): number[] => {
  const claims = rows.map(
    ([wanted, held, ageMs], index): CallClaim => ({ processId: `process-${index}`, wanted, held, since: now - ageMs }),
  );
  const shares = divideCalls(limit, claims, now);
  return claims.map(({ processId }) => shares.get(processId) ?? -1);
};

describe('divideCalls', () => {
  it.each<[string, number, [number, number, number][], number[]]>([
    ['all to one that is alone', 4, [[9, 0, 0]], [4]],
    ['no more than is wanted', 4, [[2, 0, 0]], [2]],
    [
      'evenly to those that want more',
      4,
      [
        [9, 4, 9000],
        [9, 0, 10],
      ],
      [2, 2],
    ],
    [
      'what one leaves to the other',
      4,
      [
        [9, 4, 9000],
        [1, 0, 10],
      ],
      [3, 1],
    ],
    [
      'the odd one to whoever has waited longer',
      3,
      [
        [9, 0, 10],
        [9, 0, 20],
      ],
      [1, 2],
    ],
    [
      'nothing to those that want nothing',
      4,
      [
        [0, 2, 9000],
        [9, 2, 9000],
      ],
      [0, 4],
    ],
    [
      'one call to the one in its turn',
      1,
      [
        [9, 1, turnMs - 1],
        [9, 0, 9000],
      ],
      [1, 0],
    ],
    [
      'one call to the one that waits, once the turn is over',
      1,
      [
        [9, 1, turnMs],
        [9, 0, 10],
      ],
      [0, 1],
    ],
    [
      'one call to the one that has waited longest',
      1,
      [
        [9, 1, turnMs],
        [9, 0, 10],
        [9, 0, 20],
      ],
      [0, 0, 1],
    ],
    [
      'no longer turn to one that began in the future',
      1,
      [
        [9, 1, -3_600_000],
        [9, 0, 10],
      ],
      [0, 1],
    ],
    ['nothing where nothing is allowed', 0, [[9, 1, 0]], [0]],
    ['nothing to nobody', 4, [], []],
  ])('gives %s', (_, limit, rows, expected) => {
    expect(divide(limit, ...rows)).toEqual(expected);
  });

  it('gives away all that is wanted, and never more than the limit', () => {
    for (let limit = 0; limit <= 6; limit++)
      for (let seed = 0; seed < 4 ** 4; seed++) {
        const wanted = [seed & 3, (seed >> 2) & 3, (seed >> 4) & 3, (seed >> 6) & 3];
        const shares = divide(
          limit,
          ...wanted.map((each, index): [number, number, number] => [each, index % 2, index]),
        );
        const sum = (numbers: number[]) => numbers.reduce((a, b) => a + b, 0);
        expect(sum(shares)).toBe(Math.min(limit, sum(wanted)));
        for (const [index, share] of shares.entries()) expect(share).toBeLessThanOrEqual(wanted[index] ?? 0);
      }
  });
});
