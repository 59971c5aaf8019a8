import { isJSONRPCRequest, type JSONRPCMessage, type Transport } from '@modelcontextprotocol/client';
import { toHeaders } from '../endpoint.ts';
import { asTargetError, fromOutbound, TargetError } from '../error.ts';
import { createQuota, readEvents } from './events.ts';
import { createEvidence } from './evidence.ts';
import type { Exchange } from './exchange.ts';
import { createInbox } from './inbox.ts';
import {
  describeMediaType,
  evidenceOfOperation,
  explainRefusal,
  isEventStream,
  type Link,
  type LinkOptions,
  maxExchangeMs,
} from './link.ts';
import { describeRequest } from './message.ts';
import { readSome } from './refusal.ts';

/** What opening the stream, and waiting for its first event, is called in messages. */
const opening = 'the GET of its event stream';
const awaitingEndpoint = `${opening} with an endpoint event`;

/**
 * HTTP+SSE, as before 2025-03-26: requests go to an endpoint that the server names, and all answers come over one event
 * stream. When that ends, so does the session.
 */
export function openSseLink(options: LinkOptions): Link {
  const { url, quote, isConnecting } = options;
  const host = url.host;
  const closing = new AbortController();
  const endpointUrl = Promise.withResolvers<URL>();
  // Nobody may be waiting for it when the stream ends.
  endpointUrl.promise.catch(() => undefined);
  let protocolVersion: string | undefined;
  let ended: TargetError | undefined;

  const quota = createQuota(host, options.maxBytes);
  const inbox = createInbox({
    host,
    quote,
    isConnecting,
    deliver: (message) => transport.onmessage?.(message),
    onAnswer: () => quota.refill(),
    opening: evidenceOfOperation.getStore(),
  });

  const end = (error: TargetError): void => {
    ended ??= error;
    endpointUrl.reject(ended);
    inbox.failAll(ended);
  };

  async function read(response: Response): Promise<void> {
    try {
      for await (const each of readEvents(response, { quota })) {
        const { event, data } = each;
        if (event !== 'endpoint') inbox.receiveEvent(each, null);
        else if (URL.parse(data, url)?.origin === url.origin) endpointUrl.resolve(new URL(data, url));
        else end(foreignEndpoint(data, options));
      }
      end(lost(host));
    } catch (error) {
      end(asTargetError(error) ?? lost(host));
    }
  }

  const post = async (message: JSONRPCMessage, exchange?: Exchange): Promise<void> =>
    postMessage(message, exchange, {
      ...options,
      to: await endpointUrl.promise,
      protocolVersion,
      signal: closing.signal,
    });

  const transport: Transport = {
    async start() {
      const onFailure = (failure: TargetError) => end(isConnecting() ? failure : lost(host, failure));
      options.asking('GET', opening);
      void read(await openStream({ ...options, signal: closing.signal }, onFailure));
      options.asking('GET', awaitingEndpoint);
      await endpointUrl.promise;
    },
    async send(message) {
      if (ended) throw unsent(ended);
      if ('method' in message) options.asking(message.method, describeRequest(message));
      if (!isJSONRPCRequest(message)) {
        if ('method' in message && message.method === 'notifications/cancelled')
          inbox.find(message.params?.requestId)?.fail(new Error('The request was canceled.'));
        return post(message);
      }
      const exchange = inbox.open(message, evidenceOfOperation.getStore() ?? createEvidence(quote));
      // The answer comes over the event stream.
      post(message, exchange).catch(exchange.fail);
      await exchange.settled;
    },
    async close() {
      const closed = new Error('The connection was closed.');
      closing.abort(closed);
      inbox.failAll(closed);
      transport.onclose?.();
    },
    setProtocolVersion(version) {
      protocolVersion = version;
    },
  };

  return { transport, sessionId: () => undefined, terminate: async () => {} };
}

type Aborting = LinkOptions & { signal: AbortSignal };

async function openStream(options: Aborting, onFailure: (failure: TargetError) => void): Promise<Response> {
  const { outbound, url, endpoint, maxBytes, quote, signal } = options;
  const response = await outbound.fetch(url, {
    headers: { ...toHeaders(endpoint), accept: 'text/event-stream' },
    signal,
    allowStreaming: true,
    timeoutMs: maxExchangeMs,
    maxBytes,
    onFailure: (failure) => onFailure(fromOutbound(failure)),
  });
  if (!response.ok) {
    const request = { host: url.host, method: 'GET', asked: opening, hasSession: false };
    throw await explainRefusal(response, request, options);
  }
  if (isEventStream(response)) return response;
  const body = await readSome(response);
  const type = describeMediaType(response, quote);
  throw new TargetError('not_mcp', `${url.host} answered ${opening} with ${type} instead of events.`, {
    details: { answer: quote(body) },
    remediation: 'Check the URL (often ending in /sse). A newer server needs the Streamable HTTP transport.',
  });
}

async function postMessage(
  message: JSONRPCMessage,
  exchange: Exchange | undefined,
  options: Aborting & { to: URL; protocolVersion: string | undefined },
): Promise<void> {
  const { outbound, url, to, endpoint, maxBytes, quote, protocolVersion, signal } = options;
  const response = await outbound.fetch(to, {
    method: 'POST',
    headers: {
      ...toHeaders(endpoint),
      ...(protocolVersion !== undefined && { 'mcp-protocol-version': protocolVersion }),
      'content-type': 'application/json',
    },
    body: JSON.stringify(message),
    signal: exchange ? AbortSignal.any([signal, exchange.controller.signal]) : signal,
    timeoutMs: maxExchangeMs,
    maxBytes,
  });
  if (!response.ok) {
    const method = 'method' in message ? message.method : "an answer to the server's request";
    const request = { host: url.host, method, asked: exchange?.asked.asked ?? method, hasSession: false };
    const failure = await explainRefusal(response, { ...request, ...(exchange && { id: exchange.id }) }, options);
    throw failure.kind === 'http_status' && (response.status === 404 || response.status === 405)
      ? new TargetError(
          failure.kind,
          `${failure.message} The server itself names ${quote(to.pathname, 200)} as the endpoint for messages.`,
          {
            details: failure.details,
            remediation:
              'Check that a proxy before the server does not change paths, and that all requests reach the same process.',
          },
        )
      : failure;
  }
  const body = await readSome(response);
  if (exchange && isAnswer(body, exchange)) {
    const text = `${url.host} answered ${exchange.asked.asked} in the body of the POST instead of over the event stream.`;
    exchange.fail(new TargetError('protocol_error', text, { details: { answer: quote(body) } }));
  }
}

function foreignEndpoint(named: string, { url, quote }: LinkOptions): TargetError {
  const parsed = URL.parse(named, url);
  const where = quote(parsed?.protocol.startsWith('http') ? parsed.origin + parsed.pathname : named, 200);
  return new TargetError(
    'protocol_error',
    `${url.host} names ${where} as the endpoint for messages, which is ${parsed ? 'at another origin' : 'not a URL'}.`,
    { remediation: 'Configure the public URL of the server, so that its endpoint event names its own origin.' },
  );
}

const lost = (host: string, cause?: TargetError): TargetError =>
  cause && cause.kind !== 'unreachable'
    ? cause
    : new TargetError('session_lost', `${host} closed the event stream of the session.`);

const unsent = ({ kind, message, remediation, details }: TargetError): TargetError =>
  new TargetError(kind, message, { remediation, details: { ...details, hadNoEffect: true } });

/** Whether the body of a POST is the answer that belongs on the event stream. */
function isAnswer(body: string, { id }: Exchange): boolean {
  try {
    const value: unknown = JSON.parse(body);
    return (
      typeof value === 'object' &&
      value !== null &&
      'id' in value &&
      !('method' in value) &&
      (value.id === id || (value.id === null && 'error' in value))
    );
  } catch {
    return false;
  }
}
