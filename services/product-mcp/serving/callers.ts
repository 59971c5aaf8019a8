import { hash as digest, randomBytes } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import { RateLimiterMemory } from 'rate-limiter-flexible';
import { ArmatureError } from '../../../domain/error/error.ts';
import type { Connection } from '../../../domain/product-mcp/connection.ts';
import type { Deps } from '../../context/context.ts';
import { type CredentialVerdict, checkCredential } from './check-credential.ts';
import type { Publication } from './publication.ts';

/** Who calls a Product MCP. */
export type Callers = {
  /**
   * Lets a caller go on, or not.
   * @param network null: not known, and not limited
   * @throws ArmatureError `rate_limited` (`retryAfterSeconds`)
   */
  check(
    publication: Publication & { connection: Connection },
    credential: string,
    network: string | null,
  ): Promise<CredentialVerdict>;
};

/** How long the API's word on a credential counts. */
const verdictMs = 60_000;
const maxKept = 20_000;
/** Of one network: who guesses credentials must not be able to ask the API about each of them. */
const unknownCredentialsPerMinute = 60;

/**
 * Checks credentials and limits rates. Callers are known by a keyed hash of their credential, with a key that exists in
 * this process alone.
 */
export function createCallers({ config, outbound }: Pick<Deps, 'config' | 'outbound'>): Callers {
  const key = randomBytes(32).toString('base64url');
  // Nobody sees a hash, so none can be continued. An HMAC would take ten times as long.
  const hash = (...parts: string[]): string => digest('sha256', key + JSON.stringify(parts), 'base64url');
  const verdicts = new LRUCache<string, CredentialVerdict, () => Promise<CredentialVerdict>>({
    max: maxKept,
    ttl: verdictMs,
    fetchMethod: async (_id, _stale, { context, options }) => {
      const verdict = await context();
      // An outage of the API's endpoint isn't remembered.
      if (verdict.outcome === 'unknown') options.ttl = 1;
      return verdict;
    },
  });
  const { callerPerMinute, serverPerMinute } = config.productMcpLimits;
  const perCaller = createLimit(callerPerMinute);
  const perServer = createLimit(serverPerMinute);
  const unknown = createLimit(unknownCredentialsPerMinute);

  return {
    async check({ productMcpId, baseUrl, connection }, credential, network) {
      const caller = hash(productMcpId, JSON.stringify(connection), baseUrl, credential);
      await perCaller(caller, `You send more than ${callerPerMinute} requests a minute.`);
      const { check, target } = connection;
      const verdict: CredentialVerdict =
        check.kind === 'presence_only'
          ? { outcome: 'valid', status: 200 }
          : await verdicts.forceFetch(caller, {
              context: async () => {
                if (network !== null) await unknown(network, 'Too many different credentials come from your network.');
                return checkCredential(outbound, { baseUrl, path: check.path, target, credential });
              },
            });
      if (verdict.outcome === 'valid')
        await perServer(productMcpId, `This server gets more than ${serverPerMinute} requests a minute.`);
      return verdict;
    },
  };
}

/** Each process counts on its own, in memory. Windows of 12 seconds, so that a burst can't use up the whole minute. */
function createLimit(perMinute: number): (id: string, message: string) => Promise<void> {
  const points = Math.max(1, Math.floor(perMinute / 5));
  const requests = new RateLimiterMemory({ points, duration: (points / perMinute) * 60 });
  return async (id, message) => {
    const { consumedPoints, msBeforeNext } = await requests.penalty(id);
    if (consumedPoints <= points) return;
    const retryAfterSeconds = Math.ceil(msBeforeNext / 1000);
    throw new ArmatureError('rate_limited', message, `Wait ${retryAfterSeconds} s, then continue more slowly.`, {
      retryAfterSeconds,
    });
  };
}
