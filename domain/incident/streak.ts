/** Checks or runs in a row with the same outcome. Times are ISO 8601. */
export type Streak<Observation> = { at: string; until: string; count: number; last: Observation };

/**
 * Joins what is equal in a row, as a timeline shows it. Of what ended before the opening, only the last streak counts.
 * @param observations oldest first
 */
export function toStreaks<Observation extends { at: string; outcome: string; detail: string | null }>(
  observations: readonly Observation[],
  { openedAt }: { openedAt: string },
): Streak<Observation>[] {
  const streaks: Streak<Observation>[] = [];
  for (const observation of observations) {
    const { at } = observation;
    const streak = streaks.at(-1);
    const isEqual = streak?.last.outcome === observation.outcome && streak.last.detail === observation.detail;
    if (streak && isEqual)
      streaks[streaks.length - 1] = { ...streak, until: at, count: streak.count + 1, last: observation };
    else streaks.push({ at, until: at, count: 1, last: observation });
  }
  const opened = Date.parse(openedAt);
  const first = streaks.findIndex(({ until }) => Date.parse(until) >= opened);
  return first === -1 ? streaks.slice(-1) : streaks.slice(Math.max(0, first - 1));
}
