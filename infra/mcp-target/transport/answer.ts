import { setTimeout as sleep } from 'node:timers/promises';
import { isTargetError } from '../../../agent/ports.ts';
import { TargetError } from '../error.ts';
import type { Quote } from '../quote.ts';
import { createQuota, readEvents } from './events.ts';
import type { Exchange } from './exchange.ts';
import type { Inbox } from './inbox.ts';
import { describeMediaType, getMediaType, isEventStream } from './link.ts';
import { readSome } from './refusal.ts';

/** A stream whose answer has come may end by itself, so that its connection can be used again. */
const maxTailMs = 500;
const wrongMediaType =
  'The server has to declare what it sends: the content type application/json, or text/event-stream for events.';
const maxResumptions = 3;
const minWaitMs = 20;
const maxWaitMs = 30_000;

type ReaderOptions = {
  host: string;
  maxBytes: number;
  quote: Quote;
  note: (text: string, error: unknown) => void;
  inbox: Inbox;
  /** Continues a stream after the event with this id. */
  getStream: (lastEventId: string, signal: AbortSignal) => Promise<Response>;
};

/** Reads the successful answer to a POST until it contains the answer to the request, or can't any more. */
export function createAnswerReader({ host, maxBytes, quote, note, inbox, getStream }: ReaderOptions) {
  return async function readAnswer(response: Response, exchange: Exchange): Promise<void> {
    const { asked, connecting } = exchange.asked;
    if (response.status === 202 || response.status === 204)
      throw new TargetError('protocol_error', `${host} accepted ${asked} (HTTP ${response.status}) without an answer.`);
    if (isEventStream(response)) return readStream(response, exchange);
    if (getMediaType(response) === 'application/json') return inbox.receiveBody(await response.text(), exchange);
    const body = await readSome(response);
    const type = describeMediaType(response, quote);
    const isMessage = body.includes('"jsonrpc"');
    const what = connecting && !isMessage ? 'MCP' : 'JSON or an event stream';
    throw new TargetError(
      connecting && !isMessage ? 'not_mcp' : 'protocol_error',
      `${host} answered ${asked} with ${type} instead of ${what}.`,
      { details: { answer: quote(body) }, ...(isMessage && { remediation: wrongMediaType }) },
    );
  };

  /** Reads a stream, also where the server continues it over another connection. */
  async function readStream(first: Response, exchange: Exchange): Promise<void> {
    let lastEventId: string | undefined;
    const quota = createQuota(host, maxBytes);
    let waitMs = 1000;
    const onRetry = (ms: number): void => {
      waitMs = ms;
    };
    for (let response: Response | null = first; response !== null; ) {
      let tail: NodeJS.Timeout | undefined;
      try {
        for await (const event of readEvents(response, { quota, onRetry })) {
          lastEventId = event.id ?? lastEventId;
          inbox.receiveEvent(event, exchange);
          if (exchange.isSettled()) tail ??= setTimeout(() => exchange.controller.abort(), maxTailMs);
        }
      } catch (error) {
        if (exchange.isSettled()) return;
        if (lastEventId === undefined || isTargetError(error)) throw error;
        note('a stream broke off and is resumed', error);
      } finally {
        clearTimeout(tail);
      }
      if (exchange.isSettled()) return;
      response = lastEventId === undefined ? null : await resume(lastEventId, waitMs, exchange);
    }
    inbox.end(exchange);
  }

  async function resume(lastEventId: string, waitMs: number, { controller }: Exchange): Promise<Response | null> {
    const { signal } = controller;
    for (let tried = 0; tried < maxResumptions; tried++) {
      await sleep(Math.min(Math.max(waitMs, minWaitMs), maxWaitMs), undefined, { signal });
      try {
        const response = await getStream(lastEventId, signal);
        if (response.ok && isEventStream(response)) return response;
        await response.body?.cancel();
        return null;
      } catch (error) {
        if (signal.aborted) throw error;
        note('a stream could not be resumed', error);
      }
    }
    return null;
  }
}
