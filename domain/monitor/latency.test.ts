import { describe, expect, it } from 'vitest';
import { addLatencies, type Latencies, latencyBuckets, noLatencies, percentile, toBucket } from './latency.ts';

const histogramOf = (values: readonly number[]): number[] => {
  const counts = latencyBuckets.map(() => 0);
  for (const value of values) counts[toBucket(value)] = (counts[toBucket(value)] ?? 0) + 1;
  return counts;
};

describe('latency buckets', () => {
  it('rise, begin at 1 ms and reach beyond the longest time limit', () => {
    expect(latencyBuckets[0]).toBe(1);
    expect(latencyBuckets.at(-1)).toBeGreaterThan(120_000);
    for (const [index, end] of latencyBuckets.entries()) expect(end).toBeGreaterThan(latencyBuckets[index - 1] ?? 0);
  });

  it('are those that stored counts were made with', () => {
    expect(latencyBuckets).toHaveLength(51);
    expect(latencyBuckets.slice(0, 12)).toEqual([1, 2, 3, 4, 5, 6, 8, 10, 13, 16, 20, 25]);
  });

  it.each([
    [0, 0],
    [1, 0],
    [1.5, 1],
    [2, 1],
    [7, 6],
    [8, 6],
    [1_000_000, latencyBuckets.length - 1],
  ])('%d ms is counted in bucket %d', (ms, bucket) => {
    expect(toBucket(ms)).toBe(bucket);
  });

  it('hold every latency between the end before and their own', () => {
    for (let ms = 1; ms < 130_000; ms = Math.ceil(ms * 1.07)) {
      const bucket = toBucket(ms);
      expect(ms).toBeLessThanOrEqual(latencyBuckets[bucket] ?? 0);
      expect(ms).toBeGreaterThan(latencyBuckets[bucket - 1] ?? 0);
    }
  });
});

const of = (values: readonly number[]): Latencies => ({
  latency: histogramOf(values),
  minMs: values.length > 0 ? Math.min(...values) : null,
  maxMs: values.length > 0 ? Math.max(...values) : null,
});
const shares = [0.01, 0.25, 0.5, 0.9, 0.95, 0.99, 1];
const getTruth = (values: readonly number[], p: number) =>
  [...values].sort((a, b) => a - b)[Math.max(1, Math.ceil(p * values.length)) - 1] ?? 0;
/** Numbers that are the same each time, with many small ones. */
const numbers = (seed: number, count: number) =>
  Array.from({ length: count }, (_, index) => Math.floor(1.2 ** ((seed * 7919 + index * 104_729) % 64)));

describe('percentile', () => {
  it('is null of nothing', () => {
    expect(percentile(noLatencies, 0.5)).toBeNull();
    expect(percentile(of([]), 0.95)).toBeNull();
  });

  it('is exactly a latency that is the same each time', () => {
    for (let ms = 0; ms < 130_000; ms = Math.ceil(ms * 1.01) + 1)
      for (const p of shares) expect(percentile(of(Array.from({ length: 20 }, () => ms)), p)).toBe(ms);
  });

  it('never leaves what was measured, and is within 12 % and half a millisecond of the truth', () => {
    for (let seed = 1; seed < 300; seed++) {
      const values = numbers(seed, 1 + (seed % 40));
      for (const p of shares) {
        const [found, truth] = [percentile(of(values), p) ?? -1, getTruth(values, p)];
        expect(found).toBeGreaterThanOrEqual(Math.min(...values));
        expect(found).toBeLessThanOrEqual(Math.max(...values));
        expect(Math.abs(found - truth), `seed ${seed}, p ${p}`).toBeLessThanOrEqual(0.12 * truth + 0.5);
      }
    }
  });

  it('of an older count without its ends is within the same', () => {
    const values = [20, 21, 22, 25_271];
    const counted = { ...of(values), minMs: null, maxMs: null };
    for (const p of shares)
      expect(Math.abs((percentile(counted, p) ?? -1) - getTruth(values, p))).toBeLessThanOrEqual(
        0.12 * getTruth(values, p) + 0.5,
      );
  });

  it('rises with its share', () => {
    const found = [0.1, 0.3, 0.5, 0.7, 0.9, 1].map((p) => percentile(of([1, 5, 5, 40, 300, 300, 9000]), p) ?? 0);
    expect(found).toEqual([...found].sort((a, b) => a - b));
  });
});

describe('addLatencies', () => {
  it('adds bucket by bucket, whatever their lengths, and keeps the ends', () => {
    expect(addLatencies(of([3, 900]), of([3, 20_000]))).toEqual(of([3, 900, 3, 20_000]));
    expect(addLatencies(noLatencies, of([3, 900]))).toEqual(of([3, 900]));
    expect(addLatencies(of([3]), { latency: [1], minMs: null, maxMs: null })).toMatchObject({ minMs: 3, maxMs: 3 });
  });
});
