import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  extendTokenLease,
  recordRefreshAttempt,
  releaseTokenLease,
  takeTokenLease,
} from '../../../infra/db/queries/oauth.ts';
import { OAuthError } from '../../../infra/oauth/index.ts';
import type { Deps } from '../../context/context.ts';
import type { ProfileRef } from './profile.ts';
import type { StoredTokens } from './stored.ts';

/** Ends soon enough for servers that accept a used refresh token for some seconds; a process may stall for as long. */
const leaseSeconds = 10;
const extendMs = 2000;
/** How long a process tries to store what it got, while the database is away. */
const storeMs = 5 * 60_000;
const storeRetryMs = 200;

export type TokenLease = {
  /** Right before the request. @throws OAuthError if another process has the lease by now */
  beginRefresh(generation: number): Promise<void>;
};

/**
 * Runs `work` while this process alone has the lease on the profile's tokens. It is committed before, and no
 * transaction is open during the work.
 * @returns null if another process has it
 */
export async function withTokenLease<T>(
  deps: Deps,
  ref: ProfileRef,
  work: (lease: TokenLease) => Promise<T>,
): Promise<{ result: T } | null> {
  const { db, log } = deps;
  // Whoever looks for the process finds it.
  const of = { ...ref, holder: `${hostname()}/${process.pid}/${randomUUID()}` };
  if (!(await takeTokenLease(db, { ...of, seconds: leaseSeconds }))) return null;
  const ended = new AbortController();
  void keepLease(deps, of, ended.signal);
  try {
    const result = await work({
      async beginRefresh(generation) {
        if (!(await recordRefreshAttempt(db, { ...of, generation })))
          throw new OAuthError('later', 'Another process refreshes the token by now.', 'Try again.');
      },
    });
    return { result };
  } finally {
    ended.abort();
    // It ends by itself as well.
    await releaseTokenLease(db, of).catch((err: unknown) => log.warn({ err }, 'a lease on tokens was not released'));
  }
}

async function keepLease(
  { db, log }: Pick<Deps, 'db' | 'log'>,
  of: ProfileRef & { holder: string },
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    await sleep(extendMs, undefined, { signal }).catch(() => {});
    if (signal.aborted) return;
    await extendTokenLease(db, { ...of, seconds: leaseSeconds }).catch((err: unknown) =>
      log.warn({ err }, 'a lease on tokens was not extended'),
    );
  }
}

/**
 * Stores new tokens in place of those of `generation`. The earlier ones are void by now, so it doesn't give up soon.
 * @returns false if they have been replaced meanwhile
 */
export async function keepTokens(
  { secrets, log }: Pick<Deps, 'secrets' | 'log'>,
  { orgId, tokenRef }: { orgId: string; tokenRef: string | null },
  { generation, value }: { generation: number; value: StoredTokens },
): Promise<boolean> {
  if (tokenRef === null) return false;
  const until = performance.now() + storeMs;
  for (;;) {
    try {
      return await secrets.replace(orgId, tokenRef, { generation, value });
    } catch (err) {
      if (performance.now() > until) throw err;
      log.warn({ err }, 'new tokens could not be stored; trying again');
      await sleep(storeRetryMs);
    }
  }
}
