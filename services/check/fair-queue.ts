/** Known to be healthy, not known, known to fail: in this order they have their turns. */
export type Standing = 'healthy' | 'unknown' | 'failing';

export type Turn = {
  signal: AbortSignal;
  /** Said when the work is really sent: what waits before that takes nobody's time. */
  begin(): void;
  /** Whether something else was under way during this turn. */
  wasShared(): boolean;
};

/** `alone`: asks for one more turn, with nothing else under way. */
export type TurnEnd = 'concluded' | 'alone';

export type Turns<T> = {
  add(items: readonly T[]): void;
  /** No more will be added. @returns once every item is concluded or not reached. @throws what `carryOut` or `stop` threw */
  finish(): Promise<void>;
  /** Ends at once; items that are not concluded are left as they are, and `finish` throws the reason. */
  stop(reason: unknown): void;
};

type Waiting<T> = { item: T; order: number; triedMs: number | null };
type Running<T> = Waiting<T> & {
  phase: 'first' | 'alone' | 'patient';
  controller: AbortController;
  beganAt: number | null;
  shared: boolean;
};

const leastShareMs = 1000;
/** How much of the whole is kept for second turns at most. */
const keptShare = 0.6;
/** What a busy machine takes to end one turn and begin the next. */
const marginMs = 1500;
const lookEveryMs = 200;
const preempted = Symbol('preempted');
const ended = Symbol('ended');
const rankOf: { [standing in Standing]: number } = { healthy: 0, unknown: 1, failing: 2 };

/**
 * Gives each item a turn, so many at once, until a time. While others wait for their first turn, one that takes longer than its fair
 * share ((time left × slots) ÷ waiting, at least a second) is aborted, and has a second turn behind them with all the time that it may
 * take: hanging items can't keep the others from their turns. Part of the time is kept for second turns, as long as one item may take, so
 * that hanging ones come to an end too, some each time; items stand in the order in which they should.
 */
export function takeTurns<T>(options: {
  slots: number;
  /** Of `performance.now()`. */
  endsAt: number;
  /** Longest that an item may take, in ms; `carryOut` keeps to it. */
  longestMs: number;
  standingOf(item: T): Standing;
  /** Rejects with the signal's reason when it is aborted. */
  carryOut(item: T, turn: Turn): Promise<TurnEnd>;
  /** @param triedMs longest time for which an answer was waited; null: it never had a turn */
  notReached(item: T, triedMs: number | null): void;
}): Turns<T> {
  const { slots, endsAt, longestMs, standingOf, carryOut, notReached } = options;
  const kept = Math.min(longestMs + marginMs, (endsAt - performance.now()) * keptShare);
  const first: Waiting<T>[] = [];
  const alone: Waiting<T>[] = [];
  const patient: Waiting<T>[] = [];
  const running = new Set<Running<T>>();
  const { promise: done, resolve, reject } = Promise.withResolvers<void>();
  let added = 0;
  let isFinishing = false;
  let state: 'going' | 'ended' | 'stopped' = 'going';

  const rank = (each: Waiting<T>): number => rankOf[standingOf(each.item)];
  const inOrder = (a: Waiting<T>, b: Waiting<T>): number => rank(a) - rank(b) || a.order - b.order;

  const shareMs = (): number => {
    const left = endsAt - performance.now();
    if (first.length > 0) return Math.max(leastShareMs, ((left - kept) * slots) / (first.length + alone.length));
    return Math.max(leastShareMs, left / 4);
  };
  let lastShareMs = leastShareMs;
  /** Aborts what has had its fair share while others wait; of first turns, also while an item that stands before it waits for its second. */
  const look = (): void => {
    const someWait = first.length + alone.length > 0;
    if (someWait) lastShareMs = shareMs();
    const [next] = patient;
    for (const each of running) {
      if (each.beganAt === null || performance.now() - each.beganAt < lastShareMs) continue;
      if (someWait || (each.phase === 'first' && next && inOrder(next, each) < 0)) each.controller.abort(preempted);
    }
  };
  const looking = setInterval(look, lookEveryMs);
  const ending = setTimeout(() => end(), Math.max(0, endsAt - performance.now()));

  function end(): void {
    if (state !== 'going') return;
    state = 'ended';
    for (const queue of [first, alone, patient])
      for (const { item, triedMs } of queue.splice(0)) notReached(item, triedMs);
    for (const each of running) each.controller.abort(ended);
    settle();
  }
  function stop(reason: unknown): void {
    if (state === 'stopped') return;
    state = 'stopped';
    for (const each of running) each.controller.abort(reason);
    clear();
    reject(reason);
  }
  function clear(): void {
    clearInterval(looking);
    clearTimeout(ending);
  }
  function settle(): void {
    if (!isFinishing || running.size + first.length + alone.length + patient.length > 0) return;
    clear();
    resolve();
  }

  function pump(): void {
    while (state === 'going' && running.size < slots) {
      const [only] = running;
      if (only?.phase === 'alone') break;
      const next = first.shift();
      if (next) start(next, 'first');
      else if (alone.length > 0) {
        if (running.size > 0) break;
        const suspect = alone.shift();
        if (suspect) start(suspect, 'alone');
      } else {
        const waited = patient.shift();
        if (!waited) break;
        start(waited, 'patient');
      }
    }
    settle();
  }

  function start(waiting: Waiting<T>, phase: Running<T>['phase']): void {
    const controller = new AbortController();
    const each: Running<T> = { ...waiting, phase, controller, beganAt: null, shared: running.size > 0 };
    for (const other of running) other.shared = true;
    running.add(each);
    const turn: Turn = {
      signal: controller.signal,
      begin() {
        each.beganAt = performance.now();
      },
      wasShared: () => each.shared,
    };
    carryOut(each.item, turn).then(
      (result) => leave(each, result),
      (error: unknown) => {
        if (controller.signal.aborted && (error === preempted || error === ended)) leave(each, error);
        else {
          running.delete(each);
          stop(error);
        }
      },
    );
  }

  function leave(each: Running<T>, result: TurnEnd | typeof preempted | typeof ended): void {
    running.delete(each);
    if (state === 'stopped') return;
    const now = performance.now();
    const waited = each.beganAt === null ? each.triedMs : Math.max(each.triedMs ?? 0, Math.round(now - each.beganAt));
    const again = { item: each.item, order: each.order, triedMs: waited };
    if (result === 'concluded') {
      // Nothing is left to do for it.
    } else if (state === 'ended') notReached(each.item, waited);
    else if (result === 'alone') alone.push(again);
    else {
      patient.push(again);
      patient.sort(inOrder);
    }
    pump();
  }

  return {
    add(items) {
      for (const item of items) first.push({ item, order: added++, triedMs: null });
      first.sort(inOrder);
      if (state === 'ended') for (const { item } of first.splice(0)) notReached(item, null);
      pump();
    },
    finish() {
      isFinishing = true;
      settle();
      return done;
    },
    stop,
  };
}
