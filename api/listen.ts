import { createServer } from 'node:http';
import type { Express } from 'express';

/**
 * Serves the app. `port` 0 takes a free one; the answer names it. `close` lets requests under way finish for ten seconds.
 * @throws when the port is taken.
 */
export async function listen(
  app: Express,
  { port, host }: { port: number; host: string },
): Promise<{ port: number; close(): Promise<void> }> {
  const server = createServer(app);
  // Slow senders of headers or bodies hold a connection, not a thread; bodies are forms, small ones.
  server.headersTimeout = 15_000;
  server.requestTimeout = 60_000;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      resolve();
    });
  });
  const address = server.address();
  return {
    port: typeof address === 'object' && address !== null ? address.port : port,
    close: () =>
      new Promise((resolve) => {
        const late = setTimeout(() => server.closeAllConnections(), 10_000);
        server.close(() => {
          clearTimeout(late);
          resolve();
        });
        server.closeIdleConnections();
      }),
  };
}
