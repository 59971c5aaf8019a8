/** Does `work` for each item, so many at once; stops at the first failure. */
export async function each<T>(
  items: readonly T[],
  { atOnce, onProgress }: { atOnce: number; onProgress: () => void },
  work: (item: T) => Promise<void>,
): Promise<void> {
  const rest = items.values();
  const lane = async () => {
    for (const item of rest) {
      await work(item);
      onProgress();
    }
  };
  await Promise.all(Array.from({ length: atOnce }, lane));
}
