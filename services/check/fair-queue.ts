/** By the latest check. Items are started in this order. */
export type Standing = 'healthy' | 'unknown' | 'failing';

export type Turn = {
  signal: AbortSignal;
  /** Called when the request is really sent: waiting before that costs nobody's time. */
  begin(): void;
  /** Whether another item was in progress during this turn. */
  wasShared(): boolean;
};

/** `alone`: the item needs one more turn with nothing else in progress. */
export type TurnEnd = 'concluded' | 'alone';

export type FairQueue<T> = {
  add(items: readonly T[]): void;
  /**
   * No more will be added.
   * @returns once every item is concluded or not reached.
   * @throws what `work` or `stop` threw
   */
  finish(): Promise<void>;
  /** Ends immediately: open items are left as they are, and `finish` throws the reason. */
  stop(reason: unknown): void;
};

export type FairQueueOptions<T> = {
  /** Items in progress at once. */
  slots: number;
  /** Of `performance.now()`. */
  endsAt: number;
  /** Time limit of one item; `work` enforces it. */
  maxItemMs: number;
  getStanding(item: T): Standing;
  /** Rejects with the signal's reason when it is aborted. */
  work(item: T, turn: Turn): Promise<TurnEnd>;
  /** @param triedMs longest time that an answer was waited for; null: the item never had a turn */
  notReached(item: T, triedMs: number | null): void;
};

type Waiting<T> = { item: T; order: number; triedMs: number | null };
type Running<T> = Waiting<T> & {
  phase: 'first' | 'alone' | 'second';
  controller: AbortController;
  beganAt: number | null;
  shared: boolean;
};

const minShareMs = 1000;
/** Share of the whole time that is reserved for second turns at most. */
const maxReservedShare = 0.6;
/** What a busy machine needs to end one turn and begin the next. */
const marginMs = 1500;
const preemptEveryMs = 200;
const preempted = Symbol('preempted');
const expired = Symbol('expired');
const ranks: { [standing in Standing]: number } = { healthy: 0, unknown: 1, failing: 2 };

/**
 * Gives each item a turn, `slots` at once, until `endsAt`:
 *
 * first ──▶ running ──concluded──▶ done │ ├──alone──▶ alone (runs by itself) ──▶ running │ └──preempted──▶ second
 * (after all others, with all the time an item may take) ──▶ running at endsAt everything that isn't concluded is not
 * reached
 *
 * While others wait for their first turn, an item that takes longer than its fair share ((time left × slots) ÷ waiting,
 * at least a second) is preempted, so that hanging items can't keep the others waiting. Enough time for one item is
 * reserved for second turns, so that hanging items conclude too, some in each round.
 */
export function createFairQueue<T>(options: FairQueueOptions<T>): FairQueue<T> {
  const { slots, endsAt, maxItemMs, getStanding, work, notReached } = options;
  const reservedMs = Math.min(maxItemMs + marginMs, (endsAt - performance.now()) * maxReservedShare);
  const first: Waiting<T>[] = [];
  const alone: Waiting<T>[] = [];
  const second: Waiting<T>[] = [];
  const running = new Set<Running<T>>();
  const { promise: done, resolve, reject } = Promise.withResolvers<void>();
  let added = 0;
  let isFinishing = false;
  let state: 'open' | 'expired' | 'stopped' = 'open';
  let shareMs = minShareMs;
  const preempting = setInterval(preempt, preemptEveryMs);
  const expiring = setTimeout(expire, Math.max(0, endsAt - performance.now()));

  const rank = ({ item }: Waiting<T>): number => ranks[getStanding(item)];
  const byRank = (a: Waiting<T>, b: Waiting<T>): number => rank(a) - rank(b) || a.order - b.order;

  function fairShareMs(): number {
    const leftMs = endsAt - performance.now();
    const fair = first.length > 0 ? ((leftMs - reservedMs) * slots) / (first.length + alone.length) : leftMs / 4;
    return Math.max(minShareMs, fair);
  }

  /**
   * Aborts items that used up their share while others wait; first turns also for an item of a better rank that waits
   * for its second.
   */
  function preempt(): void {
    const someWait = first.length + alone.length > 0;
    if (someWait) shareMs = fairShareMs();
    const [next] = second;
    for (const entry of running) {
      if (entry.beganAt === null || performance.now() - entry.beganAt < shareMs) continue;
      if (someWait || (entry.phase === 'first' && next && byRank(next, entry) < 0)) entry.controller.abort(preempted);
    }
  }

  function expire(): void {
    if (state !== 'open') return;
    state = 'expired';
    for (const queue of [first, alone, second])
      for (const { item, triedMs } of queue.splice(0)) notReached(item, triedMs);
    for (const { controller } of running) controller.abort(expired);
    resolveWhenEmpty();
  }

  function stop(reason: unknown): void {
    if (state === 'stopped') return;
    state = 'stopped';
    for (const { controller } of running) controller.abort(reason);
    clearTimers();
    reject(reason);
  }

  function clearTimers(): void {
    clearInterval(preempting);
    clearTimeout(expiring);
  }

  function resolveWhenEmpty(): void {
    if (!isFinishing || running.size + first.length + alone.length + second.length > 0) return;
    clearTimers();
    resolve();
  }

  function startNext(): void {
    while (state === 'open' && running.size < slots) {
      const [current] = running;
      if (current?.phase === 'alone') break;
      if (first.length === 0 && alone.length > 0 && running.size > 0) break;
      const next = takeNext();
      if (!next) break;
      start(next.entry, next.phase);
    }
    resolveWhenEmpty();
  }

  function takeNext(): { entry: Waiting<T>; phase: Running<T>['phase'] } | null {
    for (const [phase, queue] of [
      ['first', first],
      ['alone', alone],
      ['second', second],
    ] as const) {
      const entry = queue.shift();
      if (entry) return { entry, phase };
    }
    return null;
  }

  function start(waiting: Waiting<T>, phase: Running<T>['phase']): void {
    const controller = new AbortController();
    const entry: Running<T> = { ...waiting, phase, controller, beganAt: null, shared: running.size > 0 };
    for (const other of running) other.shared = true;
    running.add(entry);
    const turn: Turn = {
      signal: controller.signal,
      begin() {
        entry.beganAt = performance.now();
      },
      wasShared: () => entry.shared,
    };
    work(entry.item, turn).then(
      (end) => leave(entry, end),
      (error: unknown) => {
        if (controller.signal.aborted && (error === preempted || error === expired)) return leave(entry, error);
        running.delete(entry);
        stop(error);
      },
    );
  }

  function leave(entry: Running<T>, end: TurnEnd | typeof preempted | typeof expired): void {
    running.delete(entry);
    if (state === 'stopped') return;
    const { item, order, beganAt } = entry;
    const triedMs =
      beganAt === null ? entry.triedMs : Math.max(entry.triedMs ?? 0, Math.round(performance.now() - beganAt));
    if (end !== 'concluded') {
      if (state === 'expired') notReached(item, triedMs);
      else if (end === 'alone') alone.push({ item, order, triedMs });
      else {
        second.push({ item, order, triedMs });
        second.sort(byRank);
      }
    }
    startNext();
  }

  return {
    add(items) {
      for (const item of items) first.push({ item, order: added++, triedMs: null });
      first.sort(byRank);
      if (state === 'expired') for (const { item } of first.splice(0)) notReached(item, null);
      startNext();
    },
    finish() {
      isFinishing = true;
      resolveWhenEmpty();
      return done;
    },
    stop,
  };
}
