import type { Exchange } from '../../../domain/report/evidence.ts';
import type { Ask, Send } from './send.ts';

const maxRequests = 90;
const maxConcurrent = 4;

/** Sends the requests of a survey within its limits, and keeps the exchanges in their order. */
export type Surveyor = {
  url: URL;
  client: { name: string; version: string };
  nextId(): number;
  /** @returns null when the limits are reached */
  ask(ask: Ask): Promise<Exchange | null>;
  /** Several at a time. */
  askAll(asks: readonly Ask[]): Promise<(Exchange | null)[]>;
  /** Sends without keeping. */
  tryAll(asks: readonly Ask[]): Promise<(Exchange | null)[]>;
  keep(exchange: Exchange | null): void;
  /** Ends sessions that requests began by the way. */
  endSessions(ids: readonly string[], headers: { [name: string]: string }): Promise<void>;
  exchanges: readonly Exchange[];
  stopped(): string | null;
};

export function createSurveyor(options: {
  url: URL;
  client: Surveyor['client'];
  send: Send;
  endsAt: number;
}): Surveyor {
  const { url, client, send, endsAt } = options;
  const exchanges: Exchange[] = [];
  let lastId = 0;
  let sent = 0;
  let stopped: string | null = null;

  async function request(ask: Ask): Promise<Exchange | null> {
    if (performance.now() > endsAt) stopped ??= 'The server answered too slowly for all requests.';
    if (sent >= maxRequests) stopped ??= `More than ${maxRequests} requests would have been needed.`;
    if (stopped !== null) return null;
    sent++;
    return send(ask);
  }
  async function tryAll(asks: readonly Ask[]): Promise<(Exchange | null)[]> {
    const results: (Exchange | null)[] = asks.map(() => null);
    const pending = asks.entries();
    const worker = async (): Promise<void> => {
      for (const [index, ask] of pending) results[index] = await request(ask);
    };
    await Promise.all(Array.from({ length: maxConcurrent }, worker));
    return results;
  }
  const keep = (exchange: Exchange | null): void => {
    if (exchange) exchanges.push(exchange);
  };
  const askAll = async (asks: readonly Ask[]): Promise<(Exchange | null)[]> => {
    const answered = await tryAll(asks);
    for (const exchange of answered) keep(exchange);
    return answered;
  };

  return {
    url,
    client,
    exchanges,
    nextId: () => ++lastId,
    stopped: () => stopped,
    keep,
    tryAll,
    askAll,
    ask: async (ask) => (await askAll([ask]))[0] ?? null,
    async endSessions(ids, headers) {
      await tryAll(
        ids.map((id) => ({
          step: 'end-session',
          method: 'DELETE',
          headers: { ...headers, 'mcp-session-id': id },
          listenMs: 300,
        })),
      );
    },
  };
}
