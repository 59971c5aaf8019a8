import type { AsyncLocalStorage } from 'node:async_hooks';
import { type FetchLike, SSEClientTransport, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import type { Outbound, OutboundInit } from '../outbound/index.ts';
import { type Endpoint, toHeaders } from './endpoint.ts';
import { asTargetError, fromOutbound, TargetError } from './error.ts';
import { authFailure, retryAfter, statusFailure } from './failure.ts';
import { oauthFailure } from './oauth.ts';

/** The state of one JSON-RPC request, observed below the SDK, which reports only a part of it. */
export type Exchange = {
  /** The actual failure, where the SDK has only a text or nothing. */
  failure?: TargetError;
  isStreaming: boolean;
  isAnswered: boolean;
  controller: AbortController;
  fail: (error: unknown) => void;
};

export type LinkOptions = {
  outbound: Outbound;
  endpoint: Endpoint;
  url: URL;
  /** Carries the exchange of a request through the SDK to our `fetch`. */
  exchanges: AsyncLocalStorage<Exchange | undefined>;
  maxResultBytes: number;
  note: (text: string, error: unknown) => void;
  isConnecting: () => boolean;
  session?: { id: string; protocolVersion?: string };
};

/** A transport of the SDK in which every request ends with an answer or a precise error. */
export type Link = {
  transport: StreamableHTTPClientTransport | SSEClientTransport;
  sessionId(): string | undefined;
  /** Why the whole connection failed, if the SDK's error doesn't say it. */
  failure(): TargetError | undefined;
  /** Ends the session at the server. */
  terminate(): Promise<void>;
};

/** Upper limit for every call, whatever its own time limit is. */
const maxExchangeMs = 15 * 60_000;
const eventStream = 'text/event-stream';

const isEventStream = (response: Response): boolean =>
  response.headers.get('content-type')?.toLowerCase().startsWith(eventStream) ?? false;

const sessionLost = (host: string, what: string): TargetError => new TargetError('session_lost', `${host} ${what}.`);

/**
 * The SDK's Streamable HTTP transport. Requests fail immediately where the SDK would wait for their time limit: a
 * stream that ends or breaks without an answer, an answer to something else, a 202.
 */
export function openStreamableLink(options: LinkOptions): Link {
  const { outbound, endpoint, url, exchanges, maxResultBytes, note, session } = options;
  const host = url.host;
  const open = new Map<string | number, Exchange>();

  const guardedFetch: FetchLike = async (target, init = {}) => {
    const exchange = exchanges.getStore();
    const headers = new Headers(init.headers);
    // The stream of unrequested messages: none are used, and it would occupy a connection for each session.
    if (init.method === 'GET' && !headers.has('last-event-id')) return new Response(null, { status: 405 });
    const signal = exchange && init.signal ? AbortSignal.any([init.signal, exchange.controller.signal]) : init.signal;
    const response = await outbound.fetch(target, {
      ...init,
      ...(signal && { signal }),
      timeoutMs: maxExchangeMs,
      maxBytes: maxResultBytes,
      ...(exchange && {
        onFailure: (failure) => {
          exchange.failure ??= fromOutbound(failure);
        },
      }),
    });
    if (response.ok || init.method === 'DELETE') {
      if (exchange) exchange.isStreaming = isEventStream(response);
      return response;
    }
    return refused(response, { ...options, hasSession: headers.has('mcp-session-id'), signal });
  };

  const transport = new StreamableHTTPClientTransport(url, {
    fetch: guardedFetch,
    requestInit: { headers: toHeaders(endpoint) },
    // infra/outbound decides on redirects.
    redirectPolicy: 'follow',
    ...(session && { sessionId: session.id }),
    ...(session?.protocolVersion && { protocolVersion: session.protocolVersion }),
  });
  const unreadable = (): void => {
    const exchange = exchanges.getStore();
    // For an answer that isn't a stream, the SDK's error is precise.
    if (!exchange?.isStreaming || exchange.isAnswered) return;
    exchange.failure ??= unreadableEvent(host);
    exchange.fail(exchange.failure);
    exchange.controller.abort();
  };
  watch(transport, open, unreadable, note);

  const send = transport.send.bind(transport);
  transport.send = (message, sendOptions) => {
    if (Array.isArray(message) || !('method' in message && 'id' in message)) {
      return exchanges.run(undefined, () => send(message, sendOptions)).finally(() => cancelExchange(message, open));
    }
    const { id } = message;
    return new Promise((resolve, reject) => {
      const exchange = newExchange((error) => {
        open.delete(id);
        reject(exchange.failure ?? error);
      });
      open.set(id, exchange);
      const onRequestStreamEnd = (): void =>
        exchange.fail(new TargetError('unreachable', `${host} ended its answer before it was complete.`));
      exchanges
        .run(exchange, () => send(message, { ...sendOptions, onRequestStreamEnd }))
        .then(() => {
          if (exchange.isAnswered) resolve();
          // A stream continues, and reports its end by itself.
          else if (!exchange.isStreaming)
            exchange.fail(new TargetError('protocol_error', `${host} left a request without its answer.`));
        }, exchange.fail);
    });
  };

  return {
    transport,
    sessionId: () => transport.sessionId,
    failure: () => undefined,
    terminate: () => transport.terminateSession(),
  };
}

/**
 * The SDK's transport for servers before 2025-03-26. All answers use one event stream; when it ends, open requests
 * fail.
 */
export function openSseLink(options: LinkOptions): Link {
  const { outbound, endpoint, url, exchanges, maxResultBytes, note } = options;
  const host = url.host;
  const open = new Map<string | number, Exchange>();
  let streams = 0;
  let failure: TargetError | undefined;

  const failAll = (error: TargetError): void => {
    failure ??= error;
    for (const exchange of open.values()) exchange.fail(error);
  };

  const openStream = async (target: string | URL, init: OutboundInit): Promise<Response> => {
    // The SDK reconnects by itself, but to a session that isn't initialized.
    if (streams++ > 0) throw failure ?? sessionLost(host, 'closed the event stream of the session');
    const response = await outbound.fetch(target, {
      ...init,
      allowStreaming: true,
      maxBytes: maxResultBytes,
      onFailure: (failure) => failAll(fromOutbound(failure)),
    });
    if (!response.ok) return refused(response, { ...options, hasSession: false, signal: init.signal });
    if (!isEventStream(response) || !response.body) {
      await response.body?.cancel();
      const type =
        response.headers.get('content-type')?.split(';')[0]?.slice(0, 80) ?? 'an answer without a content type';
      throw new TargetError('not_mcp', `${host} answered with ${type} instead of an event stream.`, {
        remediation: 'Check the URL (often ending in /sse). A newer server needs the Streamable HTTP transport.',
      });
    }
    const end = new TransformStream<Uint8Array, Uint8Array>({
      flush: () => failAll(sessionLost(host, 'closed the event stream of the session')),
    });
    return new Response(response.body.pipeThrough(end), { status: response.status, headers: response.headers });
  };

  const guardedFetch: FetchLike = async (target, init = {}) => {
    try {
      if (init.method !== 'POST') return await openStream(target, init);
      const response = await outbound.fetch(target, { ...init, timeoutMs: maxExchangeMs, maxBytes: maxResultBytes });
      return response.ok ? response : await refused(response, { ...options, hasSession: true, signal: init.signal });
    } catch (error) {
      const failed = asTargetError(error);
      if (init.method !== 'POST' && failed) failAll(failed);
      throw error;
    }
  };

  const transport = new SSEClientTransport(url, {
    fetch: guardedFetch,
    requestInit: { headers: toHeaders(endpoint) },
    redirectPolicy: 'follow',
  });
  const unreadable = (): void => {
    // The event doesn't say which request it answers.
    for (const exchange of open.values()) exchange.fail(unreadableEvent(host));
  };
  watch(transport, open, unreadable, note);

  const send = transport.send.bind(transport);
  transport.send = (message) => {
    if (!('method' in message && 'id' in message)) {
      return exchanges.run(undefined, () => send(message)).finally(() => cancelExchange(message, open));
    }
    const { id } = message;
    return new Promise((_, reject) => {
      const exchange = newExchange((error) => {
        open.delete(id);
        reject(exchange.failure ?? error);
      });
      if (failure) return exchange.fail(sessionLost(host, 'has no event stream for the session any more'));
      open.set(id, exchange);
      // The answer comes over the event stream, so this promise only ever fails.
      exchanges.run(exchange, () => send(message)).catch(exchange.fail);
    });
  };

  return { transport, sessionId: () => undefined, failure: () => failure, terminate: async () => {} };
}

const newExchange = (fail: (error: unknown) => void): Exchange => ({
  isStreaming: false,
  isAnswered: false,
  controller: new AbortController(),
  fail,
});

const unreadableEvent = (host: string): TargetError =>
  new TargetError('protocol_error', `${host} sent an event that is not JSON-RPC.`);

/** Observes answers, and errors outside of requests. Set before the client connects, which keeps these handlers. */
function watch(
  transport: StreamableHTTPClientTransport | SSEClientTransport,
  open: Map<string | number, Exchange>,
  unreadable: () => void,
  note: LinkOptions['note'],
): void {
  transport.onmessage = (message) => {
    if (!('id' in message) || 'method' in message || message.id === undefined) return;
    const exchange = open.get(message.id);
    if (!exchange) return;
    exchange.isAnswered = true;
    open.delete(message.id);
  };
  transport.onerror = (error) => {
    if (isUnreadable(error)) unreadable();
    note('reported by the MCP client', error);
  };
}

const isUnreadable = (error: Error): boolean =>
  error.name === 'SyntaxError' || error.name === 'ZodError' || error.name === '$ZodError';

/**
 * With older revisions the SDK keeps the HTTP exchange of a cancelled request open. The server knows, so it can close.
 */
function cancelExchange(message: object, open: Map<string | number, Exchange>): void {
  if (!('method' in message) || message.method !== 'notifications/cancelled' || !('params' in message)) return;
  const { params } = message;
  if (typeof params !== 'object' || params === null || !('requestId' in params)) return;
  const { requestId } = params;
  if (typeof requestId !== 'string' && typeof requestId !== 'number') return;
  open.get(requestId)?.controller.abort();
  open.delete(requestId);
}

/** OAuth is suggested only if there were no credentials that the server could have refused. */
const hasCredentials = ({ auth, headers }: Endpoint): boolean =>
  auth.kind !== 'none' || Object.keys(headers).some((name) => name.toLowerCase() === 'authorization');

type RefusedContext = LinkOptions & { hasSession: boolean; signal: AbortSignal | null | undefined };

/** Turns HTTP statuses into errors, except those that the SDK needs for its negotiation. */
async function refused(response: Response, context: RefusedContext): Promise<Response> {
  const { outbound, endpoint, url, note, isConnecting, hasSession, signal } = context;
  const { status, statusText, headers } = response;
  if (status === 401 && !hasCredentials(endpoint)) {
    await response.body?.cancel();
    const oauth = await oauthFailure(response, { outbound, url, signal: signal ?? AbortSignal.timeout(15_000), note });
    throw oauth ?? authFailure(url.host, status);
  }
  if (status === 401 || status === 403) {
    await response.body?.cancel();
    throw authFailure(url.host, status);
  }
  const text = await response.text();
  const lost = hasSession && (status === 404 || (status === 400 && /session|not initialized/i.test(text)));
  if (lost) throw sessionLost(url.host, 'no longer knows the session');
  if (status >= 500 || status === 429 || status === 408 || status < 400 || endpoint.transport === 'sse') {
    throw statusFailure(
      url.host,
      status,
      statusText,
      text,
      isConnecting(),
      retryAfter(headers.get('retry-after'), Date.now()),
    );
  }
  return new Response(text, { status, statusText, headers });
}
