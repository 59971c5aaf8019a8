import type { LookupFunction } from 'node:net';
import { Agent, fetch, Headers as OwnHeaders, type RequestInit as OwnInit } from 'undici';
import { allowAny, parseAllowList } from './address.ts';
import { OutboundError } from './error.ts';
import { type Exchange, type Limits, startExchange } from './exchange.ts';
import { networkFailure } from './failure.ts';
import { createPolicy, type Policy } from './policy.ts';

export type OutboundOptions = {
  /**
   * The entries of `ARMATURE_ALLOWED_TARGETS` (docs/configuration.md). `any`: everything that isn't always refused, for
   * a person's own machine.
   */
  allowedTargets: readonly string[] | 'any';
  /** Ports on which Armature itself listens: refused on every local address, whatever the allow list says. */
  ownPorts?: readonly number[] | (() => readonly number[]);
  /** Servers that Armature uses, also on other machines: refused like own ports. */
  ownServices?: readonly { host: string; port: number }[];
  /** Beginning of the addresses that Armature itself serves to everybody, such as `https://armature.example.com/p/`. */
  ownPages?: string;
  /** @default 10 MiB */
  maxResponseBytes?: number;
  /** @default 30,000 */
  timeoutMs?: number;
  /** @default 10,000 */
  connectTimeoutMs?: number;
  /** Resolves names. @default Node's `dns.lookup` */
  lookup?: LookupFunction;
};

export type OutboundInit = RequestInit & {
  /** Until the last byte of the answer, or until its headers with `allowStreaming`. Milliseconds. */
  timeoutMs?: number;
  /** Until the answer's headers. Milliseconds. @default `timeoutMs` */
  headersTimeoutMs?: number;
  maxBytes?: number;
  /** For endless event streams: no time limit after the headers, and `maxBytes` counts for each event. */
  allowStreaming?: boolean;
  /** Ignores the allow list: only public addresses, over https. For addresses that a server names. */
  publicOnly?: boolean;
  /** Called when the exchange fails, also after `fetch` has returned: readers of the body get undici's own error. */
  onFailure?: (error: OutboundError) => void;
};

/** The only way out to addresses that users choose. */
export type Outbound = {
  /**
   * Like `fetch`, for http(s) URLs that policy allows. Follows up to 5 redirects within the origin, if they keep the
   * method; a redirect that would change it is returned.
   * @throws {OutboundError} for everything but an abort by `init.signal`, which throws the signal's reason
   */
  fetch(url: string | URL, init?: OutboundInit): Promise<Response>;
  /** Checks a URL without resolving its host name. @throws {OutboundError} `invalid_url` or `blocked` */
  checkUrl(url: string | URL): URL;
  close(): Promise<void>;
};

/** Which addresses are called, and the connections to them. */
type Way = { policy: Policy; agent: Agent };

const maxRedirects = 5;
const redirectStatuses: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);

/**
 * undici keeps idle connections for 4 s. Common servers close them after 5 s: a request on a connection that is just
 * being closed would look like an outage. Each exchange has its own time limits.
 */
const createAgent = (policy: Policy): Agent =>
  new Agent({ connect: policy.connector, headersTimeout: 0, bodyTimeout: 0, maxHeaderSize: 32 * 1024 });

/** @throws {Error} if an entry of the allow list is invalid */
export function createOutbound(options: OutboundOptions): Outbound {
  const { ownPorts = [], maxResponseBytes = 10 * 1024 * 1024, timeoutMs = 30_000, connectTimeoutMs = 10_000 } = options;
  const createWay = (allowedTargets: OutboundOptions['allowedTargets']): Way => {
    const policy = createPolicy({
      allow: allowedTargets === 'any' ? allowAny : parseAllowList(allowedTargets),
      ownPorts: typeof ownPorts === 'function' ? ownPorts : () => ownPorts,
      connectTimeoutMs,
      ...(options.ownServices && { ownServices: options.ownServices }),
      ...(options.lookup && { lookup: options.lookup }),
    });
    return { policy, agent: createAgent(policy) };
  };
  const allowed = createWay(options.allowedTargets);
  const publicOnly = createWay([]);
  const ownPages = createOwnWay(options.ownPages, connectTimeoutMs);

  const once = async ({ agent }: Way, url: URL, init: OutboundInit, limits: Limits): Promise<Response> => {
    const exchange = startExchange(agent, url.hostname, limits, init.signal, init.onFailure);
    try {
      // The types of undici and of the DOM describe the same fetch, but aren't compatible.
      const headers = new OwnHeaders(init.headers as OwnInit['headers']);
      // Answers are small, and a compressed one could expand to any size.
      if (!headers.has('accept-encoding')) headers.set('accept-encoding', 'identity');
      const request = {
        ...init,
        headers,
        redirect: 'manual',
        signal: exchange.signal,
        dispatcher: exchange.dispatcher,
      };
      const response = (await fetch(url, request as unknown as OwnInit)) as unknown as Response;
      return response.headers.has('content-encoding') ? limitDecoded(response, exchange, limits.maxBytes) : response;
    } catch (error) {
      const reason = exchange.signal.aborted ? exchange.signal.reason : error;
      exchange.abort(reason);
      if (init.signal?.aborted && reason === init.signal.reason) throw reason;
      throw networkFailure(reason, url.hostname) ?? unsendable(url, reason);
    }
  };

  return {
    checkUrl: (url) => (ownPages?.has(url) ? new URL(url) : allowed.policy.checkUrl(url)),

    async fetch(input, init = {}) {
      const own = ownPages?.has(input) && !init.publicOnly ? ownPages : null;
      const way = own ?? (init.publicOnly ? publicOnly : allowed);
      let url = way.policy.checkUrl(input);
      const method = (init.method ?? 'GET').toUpperCase();
      const deadline = Date.now() + (init.timeoutMs ?? timeoutMs);
      for (let followed = 0; ; followed++) {
        const left = Math.max(1, deadline - Date.now());
        const response = await once(way, url, init, {
          maxBytes: init.maxBytes ?? maxResponseBytes,
          timeoutMs: left,
          headersTimeoutMs: Math.min(left, init.headersTimeoutMs ?? left),
          allowStreaming: init.allowStreaming ?? false,
        });
        const target = redirectTarget(url, response);
        if (!target || init.redirect === 'manual') return response;
        if (target.origin !== url.origin) {
          await response.body?.cancel();
          throw refusedRedirect(url, target, response.status);
        }
        const keepsMethod = response.status === 307 || response.status === 308 || method === 'GET' || method === 'HEAD';
        if (!keepsMethod) return response;
        await response.body?.cancel();
        if (followed === maxRedirects || init.redirect === 'error') {
          throw new OutboundError('http_status', `${url.hostname} redirects more than ${maxRedirects} times.`, {
            details: { status: response.status },
          });
        }
        url = way.policy.checkUrl(target);
      }
    },

    async close() {
      await Promise.all([allowed, publicOnly, ownPages].map((way) => way?.agent.destroy()));
    },
  };
}

/** The way to what Armature itself serves to everybody, although it is on an own port, and to nothing else there. */
function createOwnWay(
  prefix: string | undefined,
  connectTimeoutMs: number,
): (Way & { has(url: string | URL): boolean }) | null {
  if (prefix === undefined) return null;
  const { origin, pathname } = new URL(prefix);
  const has = (given: string | URL): boolean => {
    const url = URL.parse(given);
    return url?.origin === origin && url.pathname.startsWith(pathname) && url.username === '' && url.password === '';
  };
  const policy = createPolicy({ allow: allowAny, ownPorts: () => [], connectTimeoutMs });
  const checkUrl = (given: string | URL): URL => {
    if (has(given)) return new URL(given);
    throw new OutboundError('blocked', 'Armature itself may only be called where it serves everybody.');
  };
  return { has, policy: { ...policy, checkUrl }, agent: createAgent(policy) };
}

function redirectTarget(url: URL, response: Response): URL | null {
  const location = redirectStatuses.has(response.status) ? response.headers.get('location') : null;
  const target = location === null ? null : URL.parse(location, url);
  if (!target) return null;
  // Credentials that a server names are never used.
  target.username = '';
  target.password = '';
  return target;
}

function refusedRedirect(from: URL, to: URL, status: number): OutboundError {
  const location = /^https?:$/.test(to.protocol) ? to.origin + to.pathname : to.protocol;
  return new OutboundError(
    'blocked',
    `${from.hostname} redirects to another origin, ${location}, which is not followed.`,
    {
      remediation: `Credentials would travel there. If it is the server that you mean, use its URL instead.`,
      details: { status, location },
    },
  );
}

/** undici refuses to send the request, for example because of an invalid header. */
function unsendable(url: URL, error: unknown): OutboundError {
  const name = error instanceof Error ? error.name : 'unknown error';
  return new OutboundError('unreachable', `The request to ${url.hostname} could not be sent (${name}).`, {
    remediation: 'Check that the extra headers of the server are ones that HTTP allows.',
  });
}

/** Limits the size after decompression, which the size on the wire doesn't bound. */
function limitDecoded(response: Response, exchange: Exchange, maxBytes: number): Response {
  if (!response.body) return response;
  let total = 0;
  const counter = new TransformStream<Uint8Array, Uint8Array>({
    transform(chunk, controller) {
      total += chunk.byteLength;
      if (total <= maxBytes) controller.enqueue(chunk);
      else {
        const error = exchange.tooLarge();
        controller.error(error);
        exchange.abort(error);
      }
    },
  });
  const { status, statusText, headers } = response;
  return new Response(response.body.pipeThrough(counter), { status, statusText, headers });
}
