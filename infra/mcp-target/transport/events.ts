import { createParser } from 'eventsource-parser';
import { formatBytes } from '../../outbound/exchange.ts';
import { TargetError } from '../error.ts';

/** `problem`: why it isn't an event; `data` is then the text that was found instead. */
export type ServerEvent = {
  id?: string | undefined;
  event?: string | undefined;
  data: string;
  problem?: string;
};

/** Limits what a server sends without answering a request, on streams that have no end. */
export type Quota = {
  /** @throws {TargetError} `too_large` when the server has sent too much */
  spend(bytes: number): void;
  /** A request was answered. */
  refill(): void;
};

/** An answer may be as large as `maxAnswerBytes`, and other messages may precede it. */
export function createQuota(host: string, maxAnswerBytes: number): Quota {
  const limit = 2 * maxAnswerBytes;
  let left = limit;
  return {
    spend(bytes) {
      left -= bytes;
      if (left >= 0) return;
      throw new TargetError('too_large', `${host} sent more than ${formatBytes(limit)} without answering a request.`, {
        details: { limit },
        remediation: 'Find out why the server sends so many notifications, comments or events, and let it send fewer.',
      });
    },
    refill() {
      left = limit;
    },
  };
}

/** @param onRetry gets the milliseconds that the server wants between two connections */
export async function* readEvents(
  { body }: Response,
  { quota, onRetry }: { quota: Quota; onRetry?: (ms: number) => void },
): AsyncGenerator<ServerEvent> {
  if (!body) return;
  const events: ServerEvent[] = [];
  let hasOddLine = false;
  const parser = createParser({
    onEvent: (event) => events.push(event),
    onError({ type, line }) {
      // One line shows what kind of text it is.
      if (type !== 'unknown-field' || hasOddLine || !line) return;
      hasOddLine = true;
      events.push({ data: line, problem: "which isn't part of an event" });
    },
    ...(onRetry && { onRetry }),
  });
  const decoder = new TextDecoder();
  let last = '';
  const feed = (text: string): ServerEvent[] => {
    last = text.at(-1) ?? last;
    parser.feed(text);
    return events.splice(0);
  };
  const reader = body.getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) break;
      quota.spend(value.byteLength);
      yield* feed(decoder.decode(value, { stream: true }));
    }
    // The parser waits for what may follow a carriage return.
    if (last === '\r') yield* feed('\n');
    for (const { data, problem = 'which no blank line ended' } of feed('\n\n')) yield { data, problem };
  } finally {
    await reader.cancel().catch(() => undefined);
  }
}
