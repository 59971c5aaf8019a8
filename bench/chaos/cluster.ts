import { setTimeout as delay } from 'node:timers/promises';
import { buildDashboard } from '../../scripts/build.ts';
import { findFreePort } from '../../scripts/port.ts';
import { isAlive } from '../../scripts/process.ts';
import { type Running, until } from '../../tests/faults/process.ts';
import { type Stack, type StartTemporal, startStack } from '../../tests/faults/stack.ts';
import { type Victim, victims } from './plan.ts';

/** The processes of an installation: two workers, two api processes, Temporal and Postgres. */
export type Cluster = {
  stack: Stack;
  apiUrls: string[];
  isUp(victim: Victim): boolean;
  /** kill -9. @returns once it is gone */
  kill(victim: Victim): Promise<void>;
  /** @returns once it is ready, however many starts that takes */
  restart(victim: Victim): Promise<void>;
  /** Processes that ended without being killed, with why. They are started again, as a supervisor would do. */
  ends: string[];
  close(): Promise<void>;
};

type Part = {
  victim: Victim;
  /** Starts it and waits until it is ready. */
  start(): Promise<Started>;
};
/** `log`: its last lines, of a process that doesn't end with them. */
type Started = { pid: number; ended: Promise<unknown>; log?: () => string };
type State = { pid: number; isUp: boolean; isKilled: boolean };

const workerReady = 'the worker is ready';
/** On a busy machine it takes a while. */
const maxStartSeconds = 180;

export async function startCluster(env: Record<string, string>, start: StartTemporal | undefined): Promise<Cluster> {
  // Both api processes need it.
  await buildDashboard();
  const stack = await startStack(env, start);
  const ports = [await findFreePort(), await findFreePort()] as const;
  const parts: Part[] = [
    { victim: 'worker 1', start: () => startWorker(stack) },
    { victim: 'worker 2', start: () => startWorker(stack) },
    { victim: 'api 1', start: () => stack.startApi(ports[0]) },
    { victim: 'api 2', start: () => stack.startApi(ports[1]) },
    { victim: 'Temporal', start: async () => toServer(await restarted(stack, 'temporal')) },
    { victim: 'Postgres', start: async () => toServer(await restarted(stack, 'postgres')) },
  ];
  const states = new Map<Victim, State>(victims.map((victim) => [victim, { pid: 0, isUp: false, isKilled: false }]));
  const ends: string[] = [];
  let isClosing = false;
  const stateOf = (victim: Victim): State => {
    const state = states.get(victim);
    if (!state) throw new Error(`there is no ${victim}`);
    return state;
  };

  const watch = (victim: Victim, { pid, ended, log }: Started) => {
    const state: State = { pid, isUp: true, isKilled: false };
    states.set(victim, state);
    const onEnd = (reason: unknown) => {
      if (isClosing || state.isKilled) return;
      state.isUp = false;
      ends.push(`${victim}: ${describeEnd(reason, log?.())}`);
      void restart(victim);
    };
    ended.then(onEnd, onEnd);
  };
  const restart = async (victim: Victim): Promise<void> => {
    const part = parts.find((each) => each.victim === victim);
    while (part && !isClosing)
      try {
        watch(victim, await part.start());
        return;
      } catch (error) {
        // As after an exit, a supervisor tries again: what it needs may be down too.
        if (!isClosing) console.log(`  ${victim} did not start: ${String(error).split('\n')[0]}`);
        await delay(500);
      }
  };

  watch('Temporal', toServer(stack.temporal()));
  watch('Postgres', toServer(stack.postgres()));
  // The first worker bundles the workflows, for all that follow.
  await restart('worker 1');
  await Promise.all((['worker 2', 'api 1', 'api 2'] as const).map(restart));
  return {
    stack,
    apiUrls: ports.map((port) => `http://127.0.0.1:${port}`),
    ends,
    isUp: (victim) => stateOf(victim).isUp,
    async kill(victim) {
      const state = stateOf(victim);
      state.isKilled = true;
      state.isUp = false;
      process.kill(state.pid, 'SIGKILL');
      await until(`${victim} is gone`, () => !isAlive(state.pid));
    },
    restart,
    async close() {
      isClosing = true;
      await stack.close();
    },
  };
}

/** The last lines say why it ended. */
const describeEnd = (reason: unknown, log = ''): string =>
  [String(reason), log]
    .map((text) => text.slice(-2000))
    .join('\n')
    .trim();

async function restarted(stack: Stack, server: 'temporal' | 'postgres') {
  await (server === 'temporal' ? stack.restartTemporal() : stack.restartPostgres());
  return stack[server]();
}

const toServer = ({ pid, died }: { pid: number; died: Promise<never> }) => ({ pid, ended: died });

async function startWorker(stack: Stack): Promise<Running> {
  const worker = stack.startWorker({ ARMATURE_LOG_LEVEL: 'info' });
  const ready = until(workerReady, () => worker.log().includes(workerReady), { seconds: maxStartSeconds });
  const ended = worker.ended.then((code) => Promise.reject(new Error(`The worker ended (${code}):\n${worker.log()}`)));
  await Promise.race([ready, ended]).catch(async (error: unknown) => {
    await worker.end();
    throw error;
  });
  return worker;
}
