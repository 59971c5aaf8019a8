import type { Logger } from '../../../infra/logger/index.ts';

/** So many failures one after the other mean that it isn't the items'. */
const mostInARow = 10;

/**
 * Does `work` for each item, so many at once. One that fails is logged and left to the next pass, and doesn't keep the others from
 * being looked after. @throws the last failure when nothing but failures come.
 */
export async function each<T>(
  items: readonly T[],
  { atOnce, onProgress, log }: { atOnce: number; onProgress: () => void; log: Logger },
  work: (item: T) => Promise<void>,
): Promise<void> {
  const rest = items.values();
  let failures = 0;
  const lane = async () => {
    for (const item of rest) {
      try {
        await work(item);
        failures = 0;
      } catch (error) {
        failures += 1;
        if (failures >= mostInARow) throw error;
        log.warn({ err: error, item }, 'an item could not be reconciled; the next pass looks at it again');
      }
      onProgress();
    }
  };
  await Promise.all(Array.from({ length: atOnce }, lane));
}
