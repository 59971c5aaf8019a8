/** How a monitor, a server or everything stands, from good to bad. */
export const publicStates = ['operational', 'unknown', 'maintenance', 'degraded', 'failing', 'down'] as const;
export type PublicState = (typeof publicStates)[number];

const rank = (state: PublicState) => publicStates.indexOf(state);

/** A check is taken for the present so long after its interval is over; later nothing is known. */
const graceMs = 3 * 60_000;

/**
 * How a monitor stands to the public, by its latest check. What nobody has looked at for two intervals and three minutes is unknown: a page
 * must not go on saying that all is well while nothing is tested. Maintenance covers whatever the checks say.
 */
export function stateOf({
  health,
  intervalSeconds,
  inMaintenance,
  now,
}: {
  health: { outcome: string; checkedAt: Date } | null;
  intervalSeconds: number;
  inMaintenance: boolean;
  now: Date;
}): PublicState {
  if (inMaintenance) return 'maintenance';
  if (!health || now.getTime() - health.checkedAt.getTime() > 2000 * intervalSeconds + graceMs) return 'unknown';
  switch (health.outcome) {
    case 'pass':
      return 'operational';
    case 'degraded':
      return 'degraded';
    case 'fail':
      return 'failing';
    default:
      return 'down';
  }
}

/**
 * Several as one: `down` when all that is known is, else the worst with a single `down` among healthy ones counting as `failing`. What is
 * unknown counts only when nothing else is known.
 */
export function stateOfAll(states: readonly PublicState[]): PublicState {
  const known = states.filter((state) => state !== 'unknown');
  if (known.length === 0) return 'unknown';
  if (known.every((state) => state === 'down')) return 'down';
  const worst = known.reduce((one, two) => (rank(two) > rank(one) ? two : one));
  return worst === 'down' ? 'failing' : worst;
}

/** One day of a monitor. `down`: checks that failed or had no answer. */
export type Day = { day: string; up: number; down: number };

/** Part of the checks that had a result, 0 to 1; null without any. */
export function uptimeOf(days: readonly Day[]): number | null {
  const [up, all] = days.reduce(([passed, total], day) => [passed + day.up, total + day.up + day.down], [0, 0]);
  return all === 0 ? null : up / all;
}
