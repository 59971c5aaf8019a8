import { createRandom } from '../../tests/support/random.ts';

export const victims = ['worker 1', 'worker 2', 'api 1', 'api 2', 'Temporal', 'Postgres'] as const;
export type Victim = (typeof victims)[number];

export type Kill = {
  /** The first that is up is killed; the others in case that it is still starting. */
  victims: Victim[];
  /** Pause since the kill before. */
  afterMs: number;
  /** How long it stays dead. */
  downMs: number;
};

/** Something fails from one kill to another, counted from 0. */
export type Phase = { from: number; until: number };

/** What happens in a run, the same for the same seed and count. */
export type Plan = {
  kills: Kill[];
  /** When each server that is monitored doesn't answer; null: it always does. */
  serverPhases: (Phase | null)[];
  /** When each tool of each of these servers fails. */
  toolPhases: (Phase | null)[][];
  /** When the scheduled workflow that reads the shop's status fails. */
  statusPhase: Phase;
};

export const serverCount = 5;
export const toolCount = 6;
const afterMs = { least: 3000, most: 10_000 };
const downMs = { least: 300, most: 5000 };

/**
 * Every subject of an alert fails in one phase at most: four changes within an hour are flapping, of which the recovery
 * is notified an hour later.
 */
export function makePlan(seed: number, count: number): Plan {
  const next = createRandom(seed);
  const between = ({ least, most }: { least: number; most: number }) => Math.round(least + next() * (most - least));
  const makePhase = (): Phase => {
    const from = Math.floor(count * (0.05 + 0.5 * next()));
    return { from, until: from + Math.max(2, Math.round(count * (0.15 + 0.2 * next()))) };
  };
  return {
    kills: Array.from({ length: count }, () => ({
      victims: shuffle(next, victims),
      afterMs: between(afterMs),
      downMs: between(downMs),
    })),
    // One, since most of them at once would be one incident of all.
    serverPhases: Array.from({ length: serverCount }, (_, index) => (index === 0 ? makePhase() : null)),
    toolPhases: Array.from({ length: serverCount }, (_, server) =>
      Array.from({ length: toolCount }, () => (server > 0 && next() < 0.6 ? makePhase() : null)),
    ),
    statusPhase: makePhase(),
  };
}

function shuffle<T>(next: () => number, items: readonly T[]): T[] {
  const left = [...items];
  return items.flatMap(() => left.splice(Math.floor(next() * left.length), 1));
}

export const isIn = (phase: Phase | null, kill: number): boolean =>
  phase !== null && kill >= phase.from && kill < phase.until;
