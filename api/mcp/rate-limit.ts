import { createRecent } from '../../services/api-key/limits.ts';

export type RateLimit = {
  /** Takes one request of this key. @returns seconds to wait when there was none left, else 0. */
  take(key: string, at: number): number;
};

/** A bucket for each key, in the memory of this process: `perMinute` in the long run, a fifth of that at once. */
export function createRateLimit({ perMinute }: { perMinute: number }): RateLimit {
  const size = Math.max(1, Math.floor(perMinute / 5));
  const perMs = perMinute / 60_000;
  const buckets = createRecent<{ left: number; at: number }>(10_000);
  return {
    take(key, at) {
      const bucket = buckets.get(key) ?? { left: size, at };
      const left = Math.min(size, bucket.left + Math.max(0, at - bucket.at) * perMs);
      const granted = left >= 1;
      buckets.set(key, { left: granted ? left - 1 : left, at });
      return granted ? 0 : Math.max(1, Math.ceil((1 - left) / perMs / 1000));
    },
  };
}
