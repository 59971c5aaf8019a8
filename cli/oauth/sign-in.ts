import type { OAuthChallenge } from '../../domain/oauth/challenge.ts';
import { freshnessOf } from '../../domain/oauth/lifetime.ts';
import { chooseScope, includesScopes, joinScopes } from '../../domain/oauth/scope.ts';
import type { TraceStep } from '../../domain/oauth/trace.ts';
import { TargetError, type TokenSource } from '../../infra/mcp-target/index.ts';
import {
  type Discovered,
  type Granted,
  isOAuthError,
  type OAuth,
  type OAuthClient,
  type PendingAuthorization,
} from '../../infra/oauth/index.ts';

export type SignInOptions = {
  oauth: OAuth;
  server: { url: string; transport: 'streamable_http' | 'sse'; headers: { [name: string]: string } };
  /** A client that is registered already. */
  client: OAuthClient | null;
  /** The client's credentials get the tokens, and no person does. */
  clientCredentials: boolean;
  scope?: string | undefined;
  documentUrl?: string | null;
  redirectUri: string;
  /** Sends a person to the address. @returns the query that they come back with */
  authorize(url: string): Promise<URLSearchParams>;
  /** Whether to go on when the server names another authorization server than before. */
  followsNewIssuer: boolean;
};

/** A sign-in that lives as long as this process. */
export function createSignIn(options: SignInOptions): { tokens: TokenSource; trace(): TraceStep[] } {
  const { oauth, server, clientCredentials, redirectUri } = options;
  const traces: TraceStep[][] = [];
  let at: Discovered | null = null;
  let client: OAuthClient | null = null;
  let granted: Granted | null = null;

  const begin = (signal: AbortSignal) => {
    const secrets = [granted?.accessToken, granted?.refreshToken, client?.clientSecret, options.client?.clientSecret];
    const signIn = oauth.begin({
      trusted: 'any',
      serverUrl: server.url,
      transport: server.transport,
      headers: server.headers,
      secrets: secrets.filter((secret) => typeof secret === 'string'),
      signal,
    });
    traces.push(signIn.trace);
    return signIn;
  };

  async function discover(signal: AbortSignal, challenge: OAuthChallenge | undefined) {
    const signIn = begin(signal);
    const boundIssuer = at?.metadata.issuer ?? null;
    try {
      return { signIn, found: await signIn.discover({ challenge, boundIssuer, entered: {} }) };
    } catch (error) {
      const follows = options.followsNewIssuer && options.client === null;
      if (!isOAuthError(error) || error.kind !== 'issuer_changed' || !follows) throw error;
      // Nothing of the earlier one is used there.
      client = null;
      return { signIn, found: await signIn.discover({ challenge, boundIssuer: null, entered: {} }) };
    }
  }

  async function signIn(signal: AbortSignal, challenge?: OAuthChallenge, scope = options.scope): Promise<Granted> {
    const { signIn: steps, found } = await discover(signal, challenge);
    at = found;
    if (clientCredentials && options.client) {
      const { scopesOfResource: ofResource, scope: challenged } = found;
      const asked = chooseScope({ entered: scope, challenged, ofResource, offline: false });
      return steps.askWithCredentials(found, options.client, { scope: asked, audience: null });
    }
    const known = options.client ?? client;
    const documentUrl = options.documentUrl ?? null;
    const { isNew: _, ...own } = await steps.findClient(found, { known, documentUrl, redirectUri });
    client = own;
    const pending: PendingAuthorization = steps.prepare(found, { client: own, redirectUri, scope });
    const code = steps.readCallback(pending, await options.authorize(pending.url));
    const next = await steps.exchangeCode(found, own, code, pending);
    return { ...next, scope: next.scope ?? pending.scope ?? null };
  }

  async function refresh(signal: AbortSignal): Promise<Granted | null> {
    const own = options.client ?? client;
    if (!at || !own || !granted?.refreshToken) return null;
    const before = granted.refreshToken;
    const next = await begin(signal).refresh(at, own, before);
    return { ...next, refreshToken: next.refreshToken ?? before };
  }

  const asTarget = async <T>(work: Promise<T>): Promise<T> => {
    try {
      return await work;
    } catch (error) {
      if (!isOAuthError(error)) throw error;
      throw new TargetError('auth', error.message, { remediation: error.remediation });
    }
  };

  let renewing: Promise<string | null> | null = null;
  /** Requests at the same time share one sign-in. */
  const once = (work: () => Promise<string | null>): Promise<string | null> => {
    renewing ??= work().finally(() => {
      renewing = null;
    });
    return renewing;
  };

  return {
    trace: () => traces.flat(),
    tokens: {
      async current(signal) {
        if (granted && freshnessOf(granted, Date.now()) === 'fresh') return granted.accessToken;
        const next = await asTarget(refresh(signal).then((refreshed) => refreshed ?? signIn(signal)));
        granted = next;
        return next.accessToken;
      },
      async renew({ token, status, challenge }, signal) {
        if (granted && granted.accessToken !== token) return granted.accessToken;
        const wanted = challenge.scope ?? '';
        if (status === 403 && (wanted === '' || includesScopes(granted?.scope ?? '', wanted))) return null;
        const scope = status === 403 ? joinScopes(granted?.scope ?? '', wanted) : options.scope;
        return once(async () => {
          const next = await asTarget(signIn(signal, challenge, scope));
          granted = next;
          return next.accessToken;
        });
      },
    },
  };
}
