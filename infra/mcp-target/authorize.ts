import { readOAuthChallenge } from '../../domain/oauth/challenge.ts';
import type { Outbound } from '../outbound/index.ts';
import type { Redactor } from '../redaction/index.ts';
import type { Endpoint, TokenRefusal } from './endpoint.ts';

/** How often one request may ask for more scopes. */
const maxStepUps = 2;

/**
 * Sends the token of an OAuth profile with every request to the server, and repeats a refused one with another token.
 * Requests elsewhere get none.
 * @throws {TargetError} `auth` without a token, or the signal's reason
 */
export async function authorize(
  outbound: Outbound,
  { auth }: Endpoint,
  { url, redactor, signal }: { url: URL; redactor: Redactor; signal: AbortSignal },
): Promise<Outbound> {
  if (auth.kind !== 'oauth') return outbound;
  const { tokens } = auth;
  let token = await tokens.current(signal);
  redactor.learn(token);
  return {
    ...outbound,
    async fetch(input, init = {}) {
      if (new URL(input).origin !== url.origin) return outbound.fetch(input, init);
      let isRenewed = false;
      let stepUps = 0;
      for (;;) {
        const used = token;
        const headers = new Headers(init.headers);
        headers.set('authorization', `Bearer ${used}`);
        const response = await outbound.fetch(input, { ...init, headers });
        const refusal = readRefusal(response, used);
        if (!refusal || (refusal.status === 401 ? isRenewed : stepUps === maxStepUps)) return response;
        // Another request of this connection may have got a new one meanwhile.
        const next = token === used ? await tokens.renew(refusal, signal) : token;
        if (next === null) return response;
        await response.body?.cancel();
        if (refusal.status === 401) isRenewed = true;
        else stepUps += 1;
        token = next;
        redactor.learn(next);
      }
    },
  };
}

/** A refusal that another token may change. */
function readRefusal({ status, headers }: Response, token: string): TokenRefusal | null {
  const challenge = readOAuthChallenge(headers.get('www-authenticate'));
  if (status === 401) return { token, status, challenge };
  return status === 403 && challenge.error === 'insufficient_scope' ? { token, status, challenge } : null;
}
