import { setTimeout as delay } from 'node:timers/promises';
import { until } from '../../tests/faults/process.ts';
import type { Stack } from '../../tests/faults/stack.ts';
import type { Load } from './load.ts';
import { findMissedFires, findMissedTicks, type Missed } from './misses.ts';
import type { Setup } from './setup.ts';

const pollMs = 2000;

/**
 * Waits, with everything up and every server and receiver working, until nothing is under way any more. What isn't over
 * after its time limit is left to the count.
 * @param at when the kills ended
 */
export async function comeToRest(stack: Stack, setup: Setup, load: Load, at: Date): Promise<void> {
  const { db } = stack.deps;
  const { orgId } = stack;
  const before = { lte: at };
  const acknowledged = load.checks.filter(({ isAcknowledged }) => isAcknowledged).map(({ key }) => key);
  const missed = async (find: () => Promise<Missed[]>) => (await find()).length;
  const waits: { what: string; minutes: number; left: () => Promise<number> }[] = [
    {
      what: 'runs that have not ended',
      minutes: 10,
      left: () => db.run.count({ where: { orgId, createdAt: before, finishedAt: null } }),
    },
    {
      what: 'checks that were asked for',
      minutes: 5,
      left: async () =>
        acknowledged.length -
        (await db.check.findMany({ where: { orgId, key: { in: acknowledged } }, distinct: ['monitorId', 'key'] }))
          .length,
    },
    { what: 'ticks of monitors', minutes: 3, left: () => missed(() => findMissedTicks(stack, setup, at)) },
    {
      what: 'open incidents',
      minutes: 10,
      left: () => db.incident.count({ where: { orgId, openedAt: before, closedAt: null } }),
    },
    // A message whose worker dies is tried again after a minute, and after up to 15 when it failed often.
    {
      what: 'pending deliveries',
      minutes: 25,
      left: () => db.delivery.count({ where: { orgId, state: 'pending', incident: { openedAt: before } } }),
    },
    // Fire times without a run are listed as skipped after six minutes.
    { what: 'fire times of workflows', minutes: 9, left: () => missed(() => findMissedFires(stack, setup, at)) },
  ];
  for (const { what, minutes, left } of waits) {
    const deadline = performance.now() + minutes * 60_000;
    // A connection from before a kill fails once.
    const read = async () => (await until(what, async () => ({ count: await left() }))).count;
    for (let count = await read(); count > 0; count = await read()) {
      if (performance.now() > deadline) {
        console.log(`  still ${count} ${what} after ${minutes} minutes`);
        break;
      }
      await delay(pollMs);
    }
    console.log(`  ${new Date().toISOString().slice(11, 19)} waited for ${what}`);
  }
}
