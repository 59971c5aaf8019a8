import { type Agent, Dispatcher } from 'undici';
import { OutboundError } from './error.ts';
import { networkFailure } from './failure.ts';

export type Limits = {
  /** Of the body; for an endless event stream, of each event. */
  maxBytes: number;
  /** From the start to the last byte of the answer, or to its headers if it may stream. */
  timeoutMs: number;
  /** From the start to the answer's headers. */
  headersTimeoutMs: number;
  allowStreaming: boolean;
};

/**
 * One HTTP exchange with limits. They are enforced where undici passes the bytes on: wrapping the body in another
 * stream would cost more than the rest of a small call.
 */
export type Exchange = {
  signal: AbortSignal;
  dispatcher: Dispatcher;
  tooLarge(): OutboundError;
  /** Ends the exchange early, with an error for its reader. */
  abort(error: unknown): void;
};

export function startExchange(
  agent: Agent,
  host: string,
  limits: Limits,
  caller: AbortSignal | null | undefined,
  onFailure: ((error: OutboundError) => void) | undefined,
): Exchange {
  const controller = new AbortController();
  const tooLarge = (): OutboundError =>
    new OutboundError('too_large', `${host} answered with more than ${formatBytes(limits.maxBytes)}.`, {
      details: { limit: limits.maxBytes },
    });
  const late = (limit: number) => () =>
    controller.abort(
      new OutboundError('timeout', `${host} did not answer within ${limit / 1000} s.`, { details: { limit } }),
    );
  const untilHeaders = Math.min(limits.headersTimeoutMs, limits.timeoutMs);
  const headersTimer = setTimeout(late(untilHeaders), untilHeaders);
  const bodyTimer = limits.allowStreaming ? undefined : setTimeout(late(limits.timeoutMs), limits.timeoutMs);

  const forward = (): void => controller.abort(caller?.reason);
  if (caller?.aborted) forward();
  else caller?.addEventListener('abort', forward, { once: true });

  const end = (): void => {
    clearTimeout(headersTimer);
    clearTimeout(bodyTimer);
    caller?.removeEventListener('abort', forward);
  };
  controller.signal.addEventListener('abort', end, { once: true });

  const fail = (error: OutboundError): void => {
    onFailure?.(error);
    controller.abort(error);
  };
  const counter = limits.allowStreaming ? countEvents() : countAll();
  const watch = (handler: Dispatcher.DispatchHandler): Dispatcher.DispatchHandler => ({
    onConnect: (abort) => handler.onConnect?.(abort),
    onResponseStarted: () => handler.onResponseStarted?.(),
    onUpgrade: (status, headers, socket) => handler.onUpgrade?.(status, headers, socket),
    onHeaders(status, headers, resume, text) {
      if (status >= 200) clearTimeout(headersTimer);
      // The only status that `fetch` keeps from its callers.
      if (status === 407) {
        fail(
          new OutboundError('http_status', `${host} answered with HTTP status 407: a proxy wants credentials.`, {
            details: { status },
          }),
        );
        return false;
      }
      return handler.onHeaders?.(status, headers, resume, text) ?? true;
    },
    onData(chunk) {
      if (counter(chunk) > limits.maxBytes) {
        fail(tooLarge());
        return false;
      }
      return handler.onData?.(chunk) ?? true;
    },
    onComplete(trailers) {
      end();
      handler.onComplete?.(trailers);
    },
    onError(error) {
      end();
      const failure = networkFailure(controller.signal.aborted ? controller.signal.reason : error, host);
      if (failure) onFailure?.(failure);
      handler.onError?.(error);
    },
  });

  return {
    signal: controller.signal,
    dispatcher: new WatchedDispatcher(agent, watch),
    tooLarge,
    abort: (error) => controller.abort(error),
  };
}

type Handler = Dispatcher.DispatchHandler;

/** A class, because `fetch` requires a `Dispatcher`. */
class WatchedDispatcher extends Dispatcher {
  readonly #agent: Agent;
  readonly #watch: (handler: Handler) => Handler;

  constructor(agent: Agent, watch: (handler: Handler) => Handler) {
    super();
    this.#agent = agent;
    this.#watch = watch;
  }

  override dispatch(options: Dispatcher.DispatchOptions, handler: Handler): boolean {
    return this.#agent.dispatch(options, this.#watch(handler));
  }
}

function countAll(): (chunk: Uint8Array) => number {
  let total = 0;
  return (chunk) => {
    total += chunk.byteLength;
    return total;
  };
}

/** Bytes since the last blank line, which ends an event, also one that is split between two chunks. */
function countEvents(): (chunk: Buffer) => number {
  let sinceBlank = 0;
  let tail = '';
  return (chunk) => {
    const text = tail + chunk.toString('latin1');
    const blank = Math.max(text.lastIndexOf('\n\n'), text.lastIndexOf('\r\r'), text.lastIndexOf('\n\r\n'));
    sinceBlank = blank === -1 ? sinceBlank + chunk.byteLength : text.length - blank;
    tail = text.slice(-2);
    return sinceBlank;
  };
}

export function formatBytes(bytes: number): string {
  return bytes >= 1024 * 1024 ? `${Math.round(bytes / 1024 / 1024)} MiB` : `${bytes} bytes`;
}
