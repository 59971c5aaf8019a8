import { describe, expect, it } from 'vitest';
import { addHistograms, latencyBuckets, percentile, toBucket } from './latency.ts';

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

describe('percentile', () => {
  it('is null of nothing', () => {
    expect(percentile([], 0.5)).toBeNull();
    expect(percentile(histogramOf([]), 0.95)).toBeNull();
  });

  it('is within an eighth and half a millisecond of the true one', () => {
    const values = Array.from({ length: 5000 }, (_, index) => Math.round(3 + ((index * 7919) % 5000)) / 1.3);
    const sorted = [...values].sort((a, b) => a - b);
    for (const p of [0.01, 0.25, 0.5, 0.9, 0.95, 0.99, 1]) {
      const truth = sorted[Math.ceil(p * sorted.length) - 1] ?? 0;
      const found = percentile(histogramOf(values), p) ?? 0;
      expect(Math.abs(found - truth)).toBeLessThanOrEqual(truth / 8 + 0.5);
    }
  });

  it('rises with its share', () => {
    const histogram = histogramOf([1, 5, 5, 40, 300, 300, 9000]);
    const found = [0.1, 0.3, 0.5, 0.7, 0.9, 1].map((p) => percentile(histogram, p) ?? 0);
    expect(found).toEqual([...found].sort((a, b) => a - b));
  });
});

describe('addHistograms', () => {
  it('adds bucket by bucket, whatever their lengths', () => {
    const one = histogramOf([3, 900]);
    const other = histogramOf([3, 20_000]);
    expect(addHistograms(one, other)).toEqual(histogramOf([3, 900, 3, 20_000]));
    expect(addHistograms([], one)).toEqual(one);
    expect(addHistograms([1], [])).toHaveLength(latencyBuckets.length);
  });
});
