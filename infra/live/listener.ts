import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import type { Logger } from '../logger/index.ts';

const maxDelayMs = 10_000;
const firstDelayMs = 250;
const connectTimeoutMs = 10_000;
/** A connection can be lost without a word, for example in a firewall that forgot it. */
const probeEveryMs = 30_000;

export type Listener = { close(): Promise<void> };

/**
 * Listens on a channel of Postgres with a connection of its own, for which it tries again and again.
 * @param options.onListening called after each (re)connection: what was announced before it may have been missed
 */
export function listen({
  url,
  channel,
  log,
  onPayload,
  onListening,
}: {
  url: string;
  channel: string;
  log: Logger;
  onPayload(payload: string): void;
  onListening(): void;
}): Listener {
  const closing = new AbortController();

  /** Resolves when the connection is lost, or was closed. */
  async function listenOnce(): Promise<void> {
    const client = new pg.Client({
      connectionString: url,
      application_name: 'armature',
      connectionTimeoutMillis: connectTimeoutMs,
      query_timeout: connectTimeoutMs,
      keepAlive: true,
    });
    const lost = Promise.withResolvers<void>();
    client.on('error', lost.reject);
    client.on('end', lost.resolve);
    client.on('notification', ({ payload }) => onPayload(payload ?? ''));
    // Handled below; until then nobody waits for it.
    lost.promise.catch(() => {});
    const end = () => void client.end().catch(() => {});
    let probe: NodeJS.Timeout | undefined;
    try {
      await client.connect();
      await client.query(`LISTEN ${client.escapeIdentifier(channel)}`);
      closing.signal.addEventListener('abort', end);
      if (closing.signal.aborted) return;
      onListening();
      probe = setInterval(() => client.query('SELECT 1').catch(lost.reject), probeEveryMs).unref();
      await lost.promise;
    } finally {
      clearInterval(probe);
      closing.signal.removeEventListener('abort', end);
      // A connection that answers nothing doesn't end on request either.
      await Promise.race([client.end().catch(() => {}), delay(1000, undefined, { ref: false })]);
    }
  }

  async function keepListening(): Promise<void> {
    let delayMs = firstDelayMs;
    while (!closing.signal.aborted) {
      const started = performance.now();
      await listenOnce().catch((error: unknown) => {
        if (!closing.signal.aborted) log.warn({ err: error }, 'pages do not follow changes until the database is back');
      });
      delayMs = performance.now() - started > maxDelayMs ? firstDelayMs : Math.min(delayMs * 2, maxDelayMs);
      await delay(delayMs * (0.5 + Math.random() / 2), undefined, { signal: closing.signal }).catch(() => {});
    }
  }

  const ended = keepListening();
  return {
    async close() {
      closing.abort();
      await ended;
    },
  };
}
