import { divideCalls } from '../../../domain/server/divide-calls.ts';
import type { Db } from '../../../infra/db/index.ts';
import { readCallClaims, renewCallShares, shareSeconds, writeCallShare } from '../../../infra/db/queries/call-share.ts';
import { lockName } from '../../../infra/db/queries/locks.ts';
import { newId } from '../../context/ids.ts';

export type ServerRef = { orgId: string; serverId: string };

export type Share = {
  /** Of the server, for all processes. */
  limit: number;
  /** Concurrent calls that the process wants, within the limit. */
  wanted: number;
  /** Concurrent calls that it may make. */
  allowed: number;
  /** What the others can't have: more than allowed while it has to end some. */
  held: number;
  /** Whether another process waits for calls of this server. */
  isContended: boolean;
};

/** Time of `performance.now()` until which a claim or renewal sent at `sentAt` is valid, less a margin for the way. */
export const toShareEnd = (sentAt: number): number => sentAt + shareSeconds * 1000 - 1000;

/**
 * One process's shares of the concurrent calls that servers allow (`CallShare`). The shares of all live processes
 * together never exceed a server's limit, unless it is lowered under running calls.
 */
export function createCallShares(db: Db) {
  const processId = newId();
  return {
    /** @param demand.active calls in progress, which can't be given up */
    claim: ({ orgId, serverId }: ServerRef, demand: { wanted: number; active: number }): Promise<Share> =>
      db.$transaction(async (tx) => {
        const ref = { orgId, serverId, processId };
        await lockName(tx, `calls/${serverId}`);
        const rows = await readCallClaims(tx, ref);
        const [{ limit, now } = { limit: 0, now: new Date(0) }] = rows;
        const wanted = Math.min(demand.wanted, limit);
        const claims = rows.flatMap(({ processId: id, since, ...row }) =>
          id === null ? [] : [{ ...row, processId: id, since: since.getTime() }],
        );
        const others = claims.filter((claim) => claim.processId !== processId);
        const before = claims.find((claim) => claim.processId === processId);
        const own = { processId, held: 0, since: now.getTime(), ...before, wanted };
        const free = limit - others.reduce((sum, { held }) => sum + held, 0);
        const share = divideCalls(limit, [...others, own], now.getTime()).get(processId) ?? 0;
        const allowed = Math.max(0, Math.min(share, free));
        const held = Math.max(allowed, demand.active);
        const since = held > 0 === own.held > 0 ? new Date(own.since) : now;
        await writeCallShare(tx, ref, { wanted, held, since });
        return { limit, wanted, allowed, held, isContended: others.some((other) => other.wanted > other.held) };
      }),

    /** @returns what changed elsewhere, by server; a server that is missing has to be claimed again */
    renew: async (): Promise<Map<string, { limit: number; isContended: boolean }>> => {
      const rows = await renewCallShares(db, { processId });
      return new Map(rows.map(({ serverId, ...row }) => [serverId, row]));
    },

    release: async ({ orgId, serverId }: ServerRef): Promise<void> => {
      await db.callShare.deleteMany({ where: { orgId, serverId, processId } });
    },

    releaseAll: async (): Promise<void> => {
      await db.callShare.deleteMany({ where: { processId } });
    },
  };
}

export type CallShares = ReturnType<typeof createCallShares>;
