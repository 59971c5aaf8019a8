const mostDeaths = 5;
const windowMs = 60_000;

/**
 * How long to wait before something that died is started again: 1, 2, 4 … seconds by its deaths within the last minute; null
 * after more than five of them, when starting again is pointless.
 */
export function createBackOff(now: () => number = Date.now): () => number | null {
  let deaths: number[] = [];
  return () => {
    deaths = [...deaths.filter((at) => now() - at < windowMs), now()];
    return deaths.length > mostDeaths ? null : 1000 * 2 ** (deaths.length - 1);
  };
}
