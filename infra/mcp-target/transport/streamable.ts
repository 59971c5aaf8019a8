import { AsyncLocalStorage } from 'node:async_hooks';
import {
  type FetchLike,
  isJSONRPCRequest,
  type JSONRPCMessage,
  type JSONRPCRequest,
  StreamableHTTPClientTransport,
} from '@modelcontextprotocol/client';
import { toHeaders } from '../endpoint.ts';
import { fromOutbound, type TargetError } from '../error.ts';
import { firstStateless } from '../starts.ts';
import { createAnswerReader } from './answer.ts';
import { createQuota } from './events.ts';
import { createEvidence } from './evidence.ts';
import type { Exchange } from './exchange.ts';
import { createInbox, type Inbox } from './inbox.ts';
import { evidenceOfOperation, explainRefusal, type Link, type LinkOptions, maxExchangeMs } from './link.ts';
import { createListener } from './listener.ts';
import { describeRequest } from './message.ts';
import { readSome } from './refusal.ts';

/** What is being sent: a request, or something that has no answer. */
type Sending = {
  method: string;
  asked: string;
  exchange?: Exchange;
  response?: Response;
  /** What broke the HTTP exchange; readers of the body get a less precise error. */
  failure?: TargetError;
};

/**
 * Streamable HTTP. The SDK's transport only sends: it sees each answer as accepted. What the server says is read here,
 * where it can be explained.
 */
export function openStreamableLink(options: LinkOptions): Link {
  const { endpoint, url, quote, note, session } = options;
  const closing = new AbortController();
  const sending = new AsyncLocalStorage<Sending>();
  const transport = new StreamableHTTPClientTransport(url, {
    fetch: createFetch(options, sending, closing.signal),
    requestInit: { headers: toHeaders(endpoint) },
    // infra/outbound decides on redirects.
    redirectPolicy: 'follow',
    ...(session && { sessionId: session.id }),
    ...(session?.protocolVersion && { protocolVersion: session.protocolVersion }),
  });
  const quota = createQuota(url.host, options.maxBytes);
  const inbox = createInbox({
    host: url.host,
    quote,
    isConnecting: options.isConnecting,
    deliver: (message) => transport.onmessage?.(message),
    onAnswer: () => quota.refill(),
  });
  const get = (signal: AbortSignal, headers: { [name: string]: string } = {}): Promise<Response> =>
    openGetStream(options, transport, { headers, signal: AbortSignal.any([signal, closing.signal]) });
  const listener = createListener({ get: () => get(closing.signal), inbox, quota, note });
  const getStream = (lastEventId: string, signal: AbortSignal) => get(signal, { 'last-event-id': lastEventId });
  const readAnswer = createAnswerReader({ host: url.host, maxBytes: options.maxBytes, quote, note, inbox, getStream });

  const send = transport.send.bind(transport);
  async function sendRequest(message: JSONRPCRequest, sendOptions: Parameters<typeof send>[1]): Promise<void> {
    const exchange = inbox.open(message, evidenceOfOperation.getStore() ?? createEvidence(quote));
    const current: Sending = { ...exchange.asked, exchange };
    const work = async (): Promise<void> => {
      if (message.method === 'tools/call' && isOfOlderEra(transport)) await listener.isListening();
      await sending.run(current, () => send(message, sendOptions));
      if (current.response) await readAnswer(current.response, exchange);
    };
    work().catch((error) => exchange.fail(current.failure ?? error));
    await exchange.settled;
  }
  transport.send = async (message, sendOptions) => {
    if (!Array.isArray(message) && 'method' in message) options.asking(message.method, describeRequest(message));
    if (!Array.isArray(message) && isJSONRPCRequest(message)) return sendRequest(message, sendOptions);
    const sent = sending.run(describeMessage(message), () => send(message, sendOptions));
    cancel(inbox, message);
    await sent;
  };
  transport.onerror = (error) => note('reported by the MCP client', error);

  const close = transport.close.bind(transport);
  transport.close = async () => {
    const closed = new Error('The connection was closed.');
    closing.abort(closed);
    inbox.failAll(closed);
    await close();
  };

  return {
    transport,
    sessionId: () => transport.sessionId,
    terminate: () => transport.terminateSession(),
  };
}

/** Sends for the SDK, and keeps the answer from it. */
function createFetch(options: LinkOptions, sending: AsyncLocalStorage<Sending>, closing: AbortSignal): FetchLike {
  const { outbound, url, maxBytes } = options;
  return async (target, init = {}) => {
    // The SDK would read this stream by itself; it is opened by the listener.
    if (init.method === 'GET') return new Response(null, { status: 405 });
    const current = sending.getStore();
    // What isn't a message ends the session, while everything else is being closed.
    if (!current) return outbound.fetch(target, { ...init, timeoutMs: maxExchangeMs, maxBytes });
    const { exchange, method, asked } = current;
    const signals = [init.signal, exchange?.controller.signal, closing];
    const signal = AbortSignal.any(signals.filter((each) => each !== undefined && each !== null));
    const response = await outbound.fetch(target, {
      ...init,
      signal,
      timeoutMs: maxExchangeMs,
      maxBytes,
      onFailure: (failure) => {
        current.failure ??= fromOutbound(failure);
      },
    });
    if (!response.ok) {
      const hasSession = new Headers(init.headers).has('mcp-session-id');
      const request = { host: url.host, method, asked, hasSession, ...(exchange && { id: exchange.id }) };
      throw await explainRefusal(response, request, { ...options, signal });
    }
    if (exchange) current.response = response;
    else void readSome(response);
    return new Response(null, { status: 202, headers: response.headers });
  };
}

const openGetStream = (
  { outbound, url, endpoint, maxBytes }: LinkOptions,
  { sessionId, protocolVersion }: StreamableHTTPClientTransport,
  { headers, signal }: { headers: { [name: string]: string }; signal: AbortSignal },
): Promise<Response> =>
  outbound.fetch(url, {
    method: 'GET',
    headers: {
      ...toHeaders(endpoint),
      accept: 'text/event-stream',
      ...(sessionId !== undefined && { 'mcp-session-id': sessionId }),
      ...(protocolVersion !== undefined && { 'mcp-protocol-version': protocolVersion }),
      ...headers,
    },
    signal,
    timeoutMs: maxExchangeMs,
    allowStreaming: true,
    maxBytes,
  });

/** With the older revisions the SDK keeps the exchange of a canceled request open. */
function cancel(inbox: Inbox, message: JSONRPCMessage | JSONRPCMessage[]): void {
  if (Array.isArray(message) || !('method' in message) || message.method !== 'notifications/cancelled') return;
  inbox.find(message.params?.requestId)?.fail(new Error('The request was canceled.'));
}

function describeMessage(message: JSONRPCMessage | JSONRPCMessage[]): Sending {
  const method = !Array.isArray(message) && 'method' in message ? message.method : "an answer to the server's request";
  return { method, asked: method };
}

const isOfOlderEra = ({ protocolVersion }: StreamableHTTPClientTransport): boolean =>
  protocolVersion === undefined || protocolVersion < firstStateless;
