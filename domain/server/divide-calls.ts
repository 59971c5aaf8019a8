/** A process's part in a server's concurrent calls. `since`: when `held` last became 0, or more than 0. */
export type CallClaim = { processId: string; wanted: number; held: number; since: number };

/** Where there are fewer calls than processes, each keeps a call for this long before it is the next one's turn. */
export const turnMs = 1000;

/**
 * Divides the concurrent calls that a server allows: one after the other to each process that wants more, until none
 * is left. Those in their turn come first, then those that wait, then those whose turn is over.
 * @param now by the same clock as `since`
 * @returns how many each process should have, by `processId`
 */
export function divideCalls(limit: number, claims: readonly CallClaim[], now: number): Map<string, number> {
  const rank = ({ held, since }: CallClaim): number => {
    if (held === 0) return 1;
    // A clock that was set back must not make a turn longer.
    return now >= since && now - since < turnMs ? 0 : 2;
  };
  const inOrder = claims.toSorted(
    (a, b) => rank(a) - rank(b) || a.since - b.since || (a.processId < b.processId ? -1 : 1),
  );
  const shares = new Map(claims.map(({ processId }) => [processId, 0]));
  let left = limit;
  for (let round = 0; left > 0; round++) {
    const wanting = inOrder.filter(({ wanted }) => wanted > round).slice(0, left);
    if (wanting.length === 0) break;
    for (const { processId } of wanting) shares.set(processId, round + 1);
    left -= wanting.length;
  }
  return shares;
}
