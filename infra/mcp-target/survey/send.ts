import { createParser } from 'eventsource-parser';
import type { Exchange, WireAnswer } from '../../../domain/report/evidence.ts';
import { OutboundError } from '../../outbound/error.ts';
import type { Outbound } from '../../outbound/index.ts';
import type { Redactor } from '../../redaction/index.ts';

export type Ask = {
  step: string;
  url?: URL;
  method?: string;
  headers?: { [name: string]: string };
  /** Headers that aren't shown, instead of the credentials. */
  hidden?: { [name: string]: string };
  body?: string;
  /** How long to listen to a stream that has no answer to come. */
  listenMs?: number;
  /** Only addresses that anybody can call: the server chose this one. */
  publicOnly?: boolean;
};
export type Send = (ask: Ask) => Promise<Exchange>;

const requestMs = 5000;
const maxBytes = 5 * 1024 * 1024;
const maxBody = 4096;
/** How long a stream may stay open after the answer. */
const tailMs = 1000;

type SendOptions = {
  outbound: Outbound;
  url: URL;
  credentials: { [name: string]: string };
  redactor: Redactor;
  signal: AbortSignal;
};

/** Sends one request and reads its answer, whatever it is. Never throws but for an abort by the signal. */
export function createSend({ outbound, url, credentials, redactor, signal }: SendOptions): Send {
  return async function send({
    step,
    url: to = url,
    method = 'POST',
    headers = {},
    hidden = credentials,
    body,
    listenMs,
    publicOnly,
  }) {
    const request = { method, headers, body: body ?? null };
    const ending = new AbortController();
    try {
      const response = await outbound.fetch(to, {
        method,
        headers: { ...headers, ...hidden },
        ...(body !== undefined && { body }),
        redirect: 'manual',
        signal: AbortSignal.any([signal, ending.signal]),
        timeoutMs: requestMs,
        allowStreaming: true,
        maxBytes,
        ...(publicOnly && { publicOnly }),
      });
      const read = await readBody(response, listenMs ?? requestMs);
      return { step, request, answer: toAnswer(response, read, redactor), failure: null };
    } catch (error) {
      if (signal.aborted) throw signal.reason;
      const message = error instanceof OutboundError ? error.message : 'The request failed.';
      return { step, request, answer: null, failure: redactor.message(message).slice(0, 300) };
    } finally {
      ending.abort();
    }
  };
}

type Read = { text: string; ended: boolean };

/** Reads until the end, the limit, or some time after the answer on a stream. */
async function readBody({ body }: Response, forMs: number): Promise<Read> {
  if (!body) return { text: '', ended: true };
  const reader = body.getReader();
  const decoder = new TextDecoder();
  let text = '';
  let bytes = 0;
  let endsAt = performance.now() + forMs;
  let hasAnswer = false;
  try {
    for (;;) {
      const next = await withDeadline(reader.read(), endsAt - performance.now());
      if (next === null) return { text, ended: false };
      if (next.done) return { text, ended: true };
      bytes += next.value.byteLength;
      text += decoder.decode(next.value, { stream: true });
      if (bytes > maxBytes) return { text, ended: false };
      if (!hasAnswer && /"(result|error)"\s*:/.test(text.slice(-next.value.byteLength - 20)) && /\n\r?\n$/.test(text)) {
        hasAnswer = true;
        endsAt = Math.min(endsAt, performance.now() + tailMs);
      }
    }
  } finally {
    // The rest isn't read; the exchange is aborted by the caller.
    void reader.cancel().catch(() => undefined);
  }
}

async function withDeadline<T>(work: Promise<T>, ms: number): Promise<T | null> {
  let timer: NodeJS.Timeout | undefined;
  try {
    return await Promise.race([
      work,
      new Promise<null>((resolve) => {
        timer = setTimeout(() => resolve(null), Math.max(0, ms));
      }),
    ]);
  } finally {
    clearTimeout(timer);
  }
}

function toAnswer(response: Response, { text, ended }: Read, redactor: Redactor): WireAnswer {
  const masked = redactor.text(text);
  const isStream = /^text\/event-stream\b/i.test(response.headers.get('content-type') ?? '');
  const problems: string[] = [];
  const messages: unknown[] = [];
  const take = (json: string, what: string): void => {
    try {
      const value: unknown = JSON.parse(json);
      messages.push(...(Array.isArray(value) ? value.slice(0, 100) : [value]));
    } catch {
      if (problems.length < 5) problems.push(`${what} is not JSON: ${JSON.stringify(json.slice(0, 120))}.`);
    }
  };
  const events = isStream ? readEvents(masked) : [];
  if (isStream) {
    for (const { name, data } of events)
      if ((name === undefined || name === 'message') && data.trim() !== '') take(data, 'An event');
  } else if (masked.trim() !== '') take(masked, 'The body');
  return {
    status: response.status,
    headers: Object.fromEntries(
      [...response.headers].map(([name, value]) => [name.toLowerCase(), redactor.text(value).slice(0, 2000)]),
    ),
    body: redactor.message(masked.slice(0, maxBody)),
    messages,
    problems,
    events,
    isStream,
    ended,
  };
}

const maxEvents = 1000;

function readEvents(text: string): WireAnswer['events'] {
  const events: WireAnswer['events'] = [];
  const parser = createParser({
    onEvent: ({ id, event, data }) => {
      if (events.length < maxEvents)
        events.push({ ...(id !== undefined && { id }), ...(event !== undefined && { name: event }), data });
    },
  });
  parser.feed(text);
  parser.feed('\n\n');
  return events;
}
