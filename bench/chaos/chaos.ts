import { setTimeout as delay } from 'node:timers/promises';
import { until } from '../../tests/faults/process.ts';
import type { StartTemporal } from '../../tests/faults/stack.ts';
import { type Cluster, startCluster } from './cluster.ts';
import {
  readChecks,
  readDeliveries,
  readExecutions,
  readFlapping,
  readIncidents,
  readRollUps,
  readRuns,
} from './evidence.ts';
import { judgeAlerts } from './judge-alerts.ts';
import { judgeChecks } from './judge-checks.ts';
import { judgeRuns } from './judge-runs.ts';
import { type Load, startLoad } from './load.ts';
import { findMissedFires, findMissedTicks } from './misses.ts';
import { makePlan, type Plan, type Victim } from './plan.ts';
import { countBy, type Promised } from './promise.ts';
import { type Receivers, startReceivers } from './receivers.ts';
import { comeToRest } from './rest.ts';
import { type Setup, setUp, toEnvironment } from './setup.ts';
import { startTargets, type Targets } from './targets.ts';

type Options = {
  kills: number;
  seed: number;
  startTemporal?: StartTemporal;
  /** Aborted: no more kills. */
  signal: AbortSignal;
};
type World = { cluster: Cluster; targets: Targets; receivers: Receivers; setup: Setup; load: Load };
/** How long a kill waits for its first choice. */
const patienceMs = 10_000;

type Killed = { victim: string; at: number };

/**
 * Kills processes of an installation at random while it works, waits until everything has come to rest, and counts what
 * was promised and not kept. @returns the promises, those that were kept too
 */
export async function runChaos({ kills, seed, startTemporal, signal }: Options): Promise<Promised[]> {
  const plan = makePlan(seed, kills);
  const targets = await startTargets(plan, seed);
  const receivers = await startReceivers(seed);
  console.log('Starting Postgres, Temporal, two workers and two api processes …');
  const cluster = await startCluster(toEnvironment(receivers), startTemporal);
  try {
    const setup = await setUp(cluster.stack, targets, receivers);
    const load = startLoad(cluster, setup, seed);
    const world = { cluster, targets, receivers, setup, load };
    const killed = await killAll(world, plan, signal);
    const endedAt = new Date();
    console.log('Everything is up and works. Waiting until nothing is under way …');
    targets.heal();
    receivers.heal();
    await load.stop();
    await comeToRest(cluster.stack, setup, load, endedAt);
    return await count(world, { killed, at: endedAt });
  } finally {
    await cluster.close();
    await Promise.all([receivers.close(), targets.close()]);
  }
}

/** @returns once everything is up again */
async function killAll({ cluster, targets }: World, plan: Plan, signal: AbortSignal): Promise<Killed[]> {
  const killed: Killed[] = [];
  const restarts: Promise<void>[] = [];
  for (const [index, { victims, afterMs, downMs }] of plan.kills.entries()) {
    if (signal.aborted) break;
    targets.follow(index);
    await delay(afterMs);
    const victim = await findVictim(cluster, victims);
    await cluster.kill(victim);
    killed.push({ victim, at: Date.now() });
    console.log(`  ${new Date().toISOString().slice(11, 19)} kill ${index + 1} of ${plan.kills.length}: ${victim}`);
    restarts.push(delay(downMs).then(() => cluster.restart(victim)));
  }
  await Promise.all(restarts);
  return killed;
}

/** The first of the victims, if it is up soon, else the next one that is. */
async function findVictim({ isUp }: Cluster, victims: readonly Victim[]): Promise<Victim> {
  const patience = performance.now() + patienceMs;
  return until('something is up', () => victims.slice(0, performance.now() < patience ? 1 : undefined).find(isUp), {
    seconds: 300,
    everyMs: 100,
  });
}

async function count(world: World, { killed, at }: { killed: Killed[]; at: Date }): Promise<Promised[]> {
  const { cluster, targets, receivers, setup, load } = world;
  const { stack } = cluster;
  const runs = await readRuns(stack, at);
  const checks = await readChecks(stack);
  const incidents = await readIncidents(stack, at);
  // Read last: what is delivered meanwhile was received before.
  const deliveries = await readDeliveries(stack, at);
  const calls = targets.shop.calls();
  const promises = [
    ...judgeRuns({
      requests: load.runs,
      runs,
      executions: await readExecutions(stack),
      calls,
      statusId: setup.statusId,
    }),
    ...judgeChecks({
      requests: load.checks,
      checks,
      offsets: new Map(setup.watched.flatMap((of) => of.monitorIds.map((id) => [id, of.offsetSeconds]))),
      rolledUp: await readRollUps(stack),
      missedTicks: await findMissedTicks(stack, setup, at),
      missedFires: await findMissedFires(stack, setup, at),
    }),
    ...judgeAlerts({
      incidents,
      deliveries,
      arrivals: receivers.arrivals,
      flapping: await readFlapping(stack),
      killedAt: killed.map((kill) => kill.at),
    }),
  ];
  const acknowledged = load.runs.filter(({ isAcknowledged }) => isAcknowledged);
  const interrupted = runs.reduce((sum, { interruptedCalls }) => sum + interruptedCalls, 0);
  print('Kills', killed, ({ victim }) => victim);
  print('Ended by themselves', cluster.ends, (end) => end.split(':')[0] ?? '');
  console.log(
    `Dispatches acknowledged: ${acknowledged.length} of ${load.runs.length}. Requests repeated: ${load.failures()}`,
  );
  print('Runs', runs, ({ trigger, status }) => `${trigger} ${status}`);
  print('Tool calls received', calls, ({ tool }) => tool);
  console.log(`Calls interrupted: ${interrupted}`);
  print('Checks', checks, ({ outcome }) => outcome);
  print('Incidents', incidents, ({ subject }) => subject.split(' ')[0] ?? '');
  print('Deliveries', deliveries, ({ service, state }) => `${service} ${state}`);
  print('Requests to receivers', receivers.arrivals, ({ service, reaction }) => `${service} ${reaction}`);
  for (const end of cluster.ends) console.log(`\nEnded by itself: ${end}`);
  return promises;
}

function print<T>(name: string, items: readonly T[], toKey: (item: T) => string): void {
  const parts = Object.entries(countBy(items, toKey)).map(([key, number]) => `${number} ${key}`);
  console.log(`${name}: ${items.length}${parts.length > 0 ? ` (${parts.join(', ')})` : ''}`);
}
