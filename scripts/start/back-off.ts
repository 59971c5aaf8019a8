const maxExits = 5;
const windowMs = 60_000;

/**
 * Call the returned function when a process exits. It returns the milliseconds to wait before a restart: 1, 2, 4 …
 * seconds by the number of exits within the last minute, or null after more than five.
 */
export function createBackOff(now: () => number = Date.now): () => number | null {
  let exits: number[] = [];
  return () => {
    exits = [...exits.filter((at) => now() - at < windowMs), now()];
    return exits.length > maxExits ? null : 1000 * 2 ** (exits.length - 1);
  };
}
