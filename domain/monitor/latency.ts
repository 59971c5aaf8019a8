/** Each bucket ends a quarter above the one before, so a percentile is within 12 % of the true value. */
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

/** Sums two histograms bucket by bucket. Missing buckets count as zero. */
export function addHistograms(one: readonly number[], other: readonly number[]): number[] {
  return latencyBuckets.map((_, bucket) => (one[bucket] ?? 0) + (other[bucket] ?? 0));
}

/**
 * The latency that the share `p` (0–1) of the answers doesn't exceed, in whole ms, assuming that answers are spread
 * evenly within a bucket. Null without answers.
 */
export function percentile(histogram: readonly number[], p: number): number | null {
  const total = histogram.reduce((sum, count) => sum + count, 0);
  if (total === 0) return null;
  const rank = Math.max(1, Math.ceil(p * total));
  let below = 0;
  for (const [bucket, end] of latencyBuckets.entries()) {
    const count = histogram[bucket] ?? 0;
    if (below + count >= rank) {
      const start = latencyBuckets[bucket - 1] ?? 0;
      return Math.round(start + ((end - start) * (rank - below)) / count);
    }
    below += count;
  }
  return latencyBuckets.at(-1) ?? null;
}
