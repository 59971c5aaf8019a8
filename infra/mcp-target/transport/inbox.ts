import type { JSONRPCMessage, JSONRPCRequest } from '@modelcontextprotocol/client';
import { TargetError } from '../error.ts';
import { rpcFailure } from '../failure.ts';
import type { Quote } from '../quote.ts';
import type { ServerEvent } from './events.ts';
import type { Evidence } from './evidence.ts';
import { conclude, createExchange, type Exchange } from './exchange.ts';
import { type Received, readMessage } from './message.ts';

/**
 * Where everything arrives that a server sends, over whichever stream. Correct messages are delivered to the SDK;
 * everything else is noted, and never costs the answer that follows it.
 */
export type Inbox = {
  open(message: JSONRPCRequest, evidence: Evidence): Exchange;
  /** The JSON body of the answer to a POST, which must contain the answer to the request. */
  receiveBody(text: string, exchange: Exchange): void;
  /** @param exchange whose stream it is; null for a stream that serves all requests */
  receiveEvent(event: ServerEvent, exchange: Exchange | null): void;
  /** The stream of a request has ended. */
  end(exchange: Exchange): void;
  /** A sentence about the connection, for the requests that are open. */
  addNote(note: string): void;
  find(id: unknown): Exchange | undefined;
  failAll(error: unknown): void;
};

export type InboxOptions = {
  host: string;
  quote: Quote;
  isConnecting: () => boolean;
  deliver: (message: JSONRPCMessage) => void;
  /** Called when a request was answered. */
  onAnswer: () => void;
  /** Where oddities are noted while no request is open. */
  opening?: Evidence | undefined;
};

/** A server that asks more often without answering anything gets no more answers itself. */
const maxRequests = 1000;
const tooManyRequests = `The server sent more than ${maxRequests} requests without answering one, which are ignored.`;

export function createInbox({ host, quote, isConnecting, deliver, onAnswer, opening }: InboxOptions): Inbox {
  const exchanges = new Map<string, Exchange>();
  let lastId = -1;
  let requests = 0;

  const find = (id: unknown): Exchange | undefined => exchanges.get(String(id));

  /** Of the requests that a message may belong to. */
  const evidenceOf = (exchange: Exchange | null): Evidence[] => {
    const open = exchange ? [exchange] : [...exchanges.values()];
    return open.length === 0 && opening ? [opening] : open.map(({ evidence }) => evidence);
  };
  const addStray = (exchange: Exchange | null, text: string, problem: string): void => {
    for (const each of evidenceOf(exchange)) each.addStray(text, problem);
  };

  function receive(value: unknown, text: string, exchange: Exchange | null): void {
    const received = readMessage(value);
    if (received.kind === 'result' || received.kind === 'error' || received.kind === 'malformed') {
      const answered = received.id === null ? undefined : find(received.id);
      if (answered) {
        requests = 0;
        onAnswer();
        conclude(answered, received, text);
        return;
      }
      if (received.kind === 'error' && received.id === null && exchange) exchange.orphan ??= received;
    }
    const problem = findProblem(received, lastId);
    if (problem !== null) addStray(exchange, text, problem);
    if (received.kind === 'notification') for (const each of evidenceOf(exchange)) each.addNotification(text);
    if (received.kind !== 'request') return;
    for (const each of evidenceOf(exchange)) each.addRequest(received.message.method);
    if (requests++ < maxRequests) deliver(received.message);
    else for (const each of evidenceOf(exchange)) each.addNote(tooManyRequests);
  }

  return {
    find,

    open(message, evidence) {
      const { id } = message;
      const asked = { host, quote, connecting: isConnecting() };
      const exchange = createExchange(message, { asked, evidence, deliver }, () => exchanges.delete(String(id)));
      exchanges.set(String(id), exchange);
      if (typeof id === 'number') lastId = Math.max(lastId, id);
      return exchange;
    },

    receiveBody(text, exchange) {
      const parsed = parseJson(text);
      const messages = parsed ? toMessages(parsed.value) : [];
      for (const each of messages) receive(each, text, exchange);
      if (exchange.isSettled()) return;
      const { asked, connecting } = exchange.asked;
      const problem = describeBody(text, parsed && messages, exchange, quote);
      exchange.fail(
        exchange.orphan
          ? rpcFailure(exchange.orphan, exchange.asked)
          : new TargetError(connecting ? 'not_mcp' : 'protocol_error', `${host} answered ${asked} with ${problem}.`, {
              details: { answer: quote(text) },
            }),
      );
    },

    receiveEvent({ event, data, problem }, exchange) {
      if (problem !== undefined) {
        for (const each of evidenceOf(exchange)) each.addIgnored(data, problem);
        return;
      }
      if (event === 'error') addStray(exchange, data, 'an error event');
      else if (event !== undefined && event !== 'message' && data.includes('"jsonrpc"'))
        for (const each of evidenceOf(exchange))
          each.addIgnored(data, `in an event named "${quote(event, 40)}" instead of "message"`);
      // Events of other names are for other readers, and an empty one only keeps the connection open.
      if ((event !== undefined && event !== 'message') || data.trim() === '') return;
      const parsed = parseJson(data);
      if (!parsed) addStray(exchange, data, "which isn't JSON");
      if (Array.isArray(parsed?.value)) addStray(exchange, data, 'a batch, which an event must not contain');
      for (const each of parsed ? toMessages(parsed.value) : []) receive(each, data, exchange);
    },

    end(exchange) {
      const { asked, evidence, orphan } = exchange;
      const kind = evidence.describeStray() === null ? 'unreachable' : 'protocol_error';
      exchange.fail(
        orphan
          ? rpcFailure(orphan, asked)
          : new TargetError(kind, `${host} ended its answer to ${asked.asked} before it was complete.`),
      );
    },

    addNote(note) {
      for (const each of evidenceOf(null)) each.addNote(note);
    },

    failAll(error) {
      for (const exchange of exchanges.values()) exchange.fail(error);
    },
  };
}

/** Why a message that settles no request is unusable; null if it isn't. */
function findProblem(received: Received, lastId: number): string | null {
  switch (received.kind) {
    case 'notification':
      return null;
    case 'request':
      return received.problem ?? null;
    case 'stray':
      return received.problem;
    default: {
      if (received.id === null) return 'an error without the id of a request';
      // A late or repeated answer to an earlier request means nothing to this one.
      const wasSent = typeof received.id === 'number' && received.id >= 0 && received.id <= lastId;
      return wasSent ? null : 'an answer to a request that was not sent';
    }
  }
}

/** What a body is that doesn't contain the answer. @param messages null if it isn't JSON */
function describeBody(text: string, messages: unknown[] | null, { id }: Exchange, quote: Quote): string {
  if (text.trim() === '') return 'an empty body';
  if (!messages) return `something that is not valid JSON: "${quote(text, 100)}"`;
  const [only] = messages;
  if (typeof only === 'object' && only !== null && 'method' in only)
    return `a message of its own instead of an answer: "${quote(text, 100)}"`;
  const given: unknown = typeof only === 'object' && only !== null && 'id' in only ? only.id : undefined;
  return given === undefined
    ? `JSON that is not a JSON-RPC answer: "${quote(text, 100)}"`
    : `the id ${quote(JSON.stringify(given), 40)} instead of ${id}`;
}

const maxBatch = 1000;

/** A batch is read up to a number of messages that no real one has. */
const toMessages = (value: unknown): unknown[] => (Array.isArray(value) ? value.slice(0, maxBatch) : [value]);

/** Null for what is not JSON. */
function parseJson(text: string): { value: unknown } | null {
  try {
    return { value: JSON.parse(text) };
  } catch {
    return null;
  }
}
