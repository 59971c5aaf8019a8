import pLimit from 'p-limit';
import type { Logger } from '../../infra/logger/index.ts';

/** This many consecutive failures point to an outage rather than to bad items. */
const maxConsecutiveFailures = 10;

/**
 * Does `work` for each item, at most `concurrency` at a time. A failure is logged and left to the next pass.
 * @throws the last of too many consecutive failures; items that were not begun are left out then.
 */
export async function forEachConcurrent<T>(
  items: readonly T[],
  { concurrency, onProgress, log }: { concurrency: number; onProgress: () => void; log: Logger },
  work: (item: T) => Promise<void>,
): Promise<void> {
  const limit = pLimit(concurrency);
  let failures = 0;
  await limit.map(items, async (item) => {
    try {
      await work(item);
      failures = 0;
    } catch (error) {
      failures += 1;
      if (failures >= maxConsecutiveFailures) {
        limit.clearQueue();
        throw error;
      }
      log.warn({ err: error, item }, 'an item failed; the next pass tries it again');
    }
    onProgress();
  });
}
