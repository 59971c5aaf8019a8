/**
 * Each bucket ends a quarter above the one before, so a percentile is within 12 % of the true value, or within half a
 * millisecond.
 */
const growth = 1.25;
/** The maximum time limit of a call, 120 s, and the time that it takes to notice its end. */
const maxMs = 130_000;

/**
 * Upper ends of the buckets in ms, inclusive, ascending. CheckHour and CheckDay count answers by them; the last bucket
 * also counts anything slower. Stored counts depend on this list: it must not change.
 */
export const latencyBuckets: readonly number[] = upperEnds();

function upperEnds(): number[] {
  const ends = [1];
  for (let end = 1; end < maxMs; ends.push(end)) end = Math.max(end + 1, Math.round(end * growth));
  return ends;
}

/** Index of the bucket that counts a latency. */
export function toBucket(ms: number): number {
  let [low, high] = [0, latencyBuckets.length - 1];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (ms <= (latencyBuckets[middle] ?? 0)) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** Latencies of some checks, as CheckHour and CheckDay keep them. `minMs`, `maxMs`: null without any. */
export type Latencies = { latency: readonly number[]; minMs: number | null; maxMs: number | null };

export const noLatencies: Latencies = { latency: [], minMs: null, maxMs: null };

/** Adds the latencies of two times. Missing buckets count as zero. */
export function addLatencies(one: Latencies, other: Latencies): Latencies {
  return {
    latency: latencyBuckets.map((_, bucket) => (one.latency[bucket] ?? 0) + (other.latency[bucket] ?? 0)),
    minMs: pick(Math.min, one.minMs, other.minMs),
    maxMs: pick(Math.max, one.maxMs, other.maxMs),
  };
}

const pick = (of: (a: number, b: number) => number, one: number | null, other: number | null): number | null =>
  one === null ? other : other === null ? one : of(one, other);

/**
 * The latency that the share `p` (0–1) of the answers doesn't exceed, in whole ms: the middle of its bucket, but never
 * less or more than was measured. Null without answers.
 */
export function percentile({ latency, minMs, maxMs }: Latencies, p: number): number | null {
  const total = latency.reduce((sum, count) => sum + count, 0);
  if (total === 0) return null;
  const rank = Math.max(1, Math.ceil(p * total));
  let counted = 0;
  const bucket = latencyBuckets.findIndex((_, index) => {
    counted += latency[index] ?? 0;
    return counted >= rank;
  });
  const middle = Math.round(getMiddle(bucket));
  return Math.min(Math.max(middle, minMs ?? middle), maxMs ?? middle);
}

/** The value from which the ends of a bucket, in whole ms, differ by the same share of themselves. */
function getMiddle(bucket: number): number {
  const end = latencyBuckets[bucket] ?? 0;
  const start = (latencyBuckets[bucket - 1] ?? -1) + 1;
  return start + end === 0 ? 0 : (2 * start * end) / (start + end);
}
