import { isCredible } from '../../domain/values/clock.ts';

/** States of a monitor, a server or everything, from good to bad. */
export const publicStates = ['operational', 'unknown', 'maintenance', 'degraded', 'failing', 'down'] as const;
export type PublicState = (typeof publicStates)[number];

const rank = (state: PublicState) => publicStates.indexOf(state);

/** How long after its interval a check still counts as current. */
const graceMs = 3 * 60_000;

/**
 * Derives a monitor's public state from its latest check. After two intervals and three minutes without a check it is
 * unknown, and so is a check in the future: a page must not claim that all is well while nothing is tested. Maintenance
 * takes precedence.
 */
export function toPublicState({
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
  if (!health || !isCredible(health.checkedAt.getTime(), now.getTime())) return 'unknown';
  if (now.getTime() - health.checkedAt.getTime() > 2000 * intervalSeconds + graceMs) return 'unknown';
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
 * Combines states: `down` if all known states are down, else the worst one, with `down` counting as `failing`. The
 * result is unknown only if all are.
 */
export function combineStates(states: readonly PublicState[]): PublicState {
  const known = states.filter((state) => state !== 'unknown');
  if (known.length === 0) return 'unknown';
  if (known.every((state) => state === 'down')) return 'down';
  const worst = known.reduce((one, two) => (rank(two) > rank(one) ? two : one));
  return worst === 'down' ? 'failing' : worst;
}

/** One day of a monitor. `down`: checks that failed or had no answer. */
export type Day = { day: string; up: number; down: number };

/** Share of the checks with a result that passed, 0 to 1; null without any. */
export function getUptime(days: readonly Day[]): number | null {
  const [up, all] = days.reduce(([passed, total], day) => [passed + day.up, total + day.up + day.down], [0, 0]);
  return all === 0 ? null : up / all;
}
