import type { Logger } from '../../../infra/logger/index.ts';
import { type CallShares, type ServerRef, type Share, toShareEnd } from './shares.ts';

/**
 * Limits the concurrent calls to each server to its `maxConcurrency`, over all processes of the installation, so that a
 * test doesn't cause an outage. The callers of this process take turns in the order of arrival.
 */
export type ServerGate = {
  /**
   * Runs `work` once the server allows one more call.
   * @throws the signal's reason if it aborts while waiting; `work` is then never started
   */
  run<T>(server: ServerRef, work: () => Promise<T>, signal: AbortSignal): Promise<T>;
  /** Leaves the shares of this process to the others. To be called when nothing runs any more. */
  close(): Promise<void>;
};

/** This process's use of one server. */
type Lane = {
  server: ServerRef;
  active: number;
  waiting: (() => void)[];
  /** By the latest claim, valid until `validUntil` (of `performance.now()`). */
  share: Share & { validUntil: number };
  /** While a claim is in progress: the calls that it counts, which no more may be active than. */
  ceiling: number | null;
  /** When the latest claim was sent, or may be sent again after a failure. */
  claimedAt: number;
  /** Whether nothing was active or waiting at the latest tick. */
  wasIdle: boolean;
};

/** How often a process that waits, or that others wait for, claims again. */
const tickMs = 250;
const renewMs = 1000;
const retryMs = 1000;
const noShare = { limit: 0, wanted: 0, allowed: 0, held: 0, isContended: false, validUntil: 0 };

export function createServerGate({ shares, log }: { shares: CallShares; log: Logger }): ServerGate {
  const lanes = new Map<string, Lane>();
  const pending = new Set<Promise<void>>();
  let timer: NodeJS.Timeout | null = null;
  let renewedAt = 0;

  function openLane(server: ServerRef): Lane {
    const lane: Lane = { server, active: 0, waiting: [], share: noShare, ceiling: null, claimedAt: 0, wasIdle: false };
    lanes.set(server.serverId, lane);
    timer ??= setInterval(tick, tickMs).unref();
    return lane;
  }

  /** Starts what may start. Claims calls when more are wanted than were claimed, or others wait for an ended one. */
  function advance(lane: Lane): void {
    const { share, ceiling } = lane;
    const usable = performance.now() < share.validUntil ? Math.min(share.allowed, ceiling ?? share.allowed) : 0;
    for (let start = lane.waiting[0]; start && lane.active < usable; start = lane.waiting[0]) {
      lane.waiting.shift();
      lane.active++;
      start();
    }
    const isWanting = lane.waiting.length > 0 && countWanted(lane) > share.wanted;
    if (isWanting || (share.isContended && share.held > Math.max(share.allowed, lane.active))) claim(lane);
  }

  function claim(lane: Lane): void {
    if (lane.ceiling !== null || performance.now() < lane.claimedAt) return;
    lane.ceiling = lane.active;
    track(
      sendClaim(lane).then(
        () => {
          lane.ceiling = null;
          if (lane.active + lane.waiting.length > 0) advance(lane);
          else if (lane.share === noShare) lanes.delete(lane.server.serverId);
        },
        (error: unknown) => {
          log.warn({ err: error, serverId: lane.server.serverId }, 'calls of a server could not be claimed');
          // It may have been written, so nothing may start before the next one.
          lane.share = noShare;
          lane.ceiling = null;
          lane.claimedAt = performance.now() + retryMs;
        },
      ),
    );
  }

  async function sendClaim(lane: Lane): Promise<void> {
    // Callers that come together are claimed for together.
    await new Promise((resume) => setImmediate(resume));
    const { server, active, waiting } = lane;
    lane.ceiling = active;
    lane.claimedAt = performance.now();
    if (active + waiting.length === 0) {
      await shares.release(server);
      lane.share = noShare;
    } else {
      const share = await shares.claim(server, { wanted: active + waiting.length, active });
      lane.share = { ...share, validUntil: toShareEnd(lane.claimedAt) };
    }
  }

  function tick(): void {
    for (const lane of lanes.values()) {
      const isIdle = lane.active + lane.waiting.length === 0;
      const isLacking = lane.waiting.length > 0 && lane.share.allowed < countWanted(lane);
      const isOver = performance.now() >= lane.share.validUntil;
      if (isIdle ? lane.wasIdle : isLacking || isOver || lane.share.isContended) claim(lane);
      lane.wasIdle = isIdle;
    }
    if (lanes.size === 0 && timer) {
      clearInterval(timer);
      timer = null;
    } else if (performance.now() >= renewedAt + renewMs) track(renew());
  }

  async function renew(): Promise<void> {
    const sentAt = performance.now();
    renewedAt = sentAt;
    try {
      const renewed = await shares.renew();
      for (const lane of lanes.values()) {
        if (lane.ceiling !== null || lane.claimedAt >= sentAt) continue;
        const found = renewed.get(lane.server.serverId);
        if (found) lane.share = { ...lane.share, isContended: found.isContended, validUntil: toShareEnd(sentAt) };
        // Another process took this one for dead.
        else lane.share = noShare;
        if (found?.limit !== lane.share.limit || found.isContended) claim(lane);
      }
    } catch (error) {
      log.warn({ err: error }, 'the concurrent calls to servers could not be renewed');
    }
  }

  function track(work: Promise<void>): void {
    pending.add(work);
    void work.finally(() => pending.delete(work));
  }

  const enter = (lane: Lane, signal: AbortSignal): Promise<void> =>
    new Promise((resolve, reject) => {
      const start = (): void => {
        signal.removeEventListener('abort', leave);
        resolve();
      };
      const leave = (): void => {
        lane.waiting.splice(lane.waiting.indexOf(start), 1);
        reject(signal.reason);
      };
      signal.addEventListener('abort', leave, { once: true });
      lane.waiting.push(start);
      advance(lane);
    });

  return {
    async run(server, work, signal) {
      signal.throwIfAborted();
      const lane = lanes.get(server.serverId) ?? openLane(server);
      await enter(lane, signal);
      try {
        return await work();
      } finally {
        lane.active--;
        advance(lane);
      }
    },

    async close() {
      if (timer) clearInterval(timer);
      timer = null;
      await Promise.all(pending);
      if (renewedAt > 0 || lanes.size > 0) await shares.releaseAll();
    },
  };
}

/** Concurrent calls that the lane could make now. */
const countWanted = ({ active, waiting, share }: Lane): number =>
  Math.min(active + waiting.length, share.limit || Number.POSITIVE_INFINITY);
