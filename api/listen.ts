import { createServer, type Server } from 'node:http';
import type { Express } from 'express';

/**
 * Starts the HTTP server. `close` emits `stopping` on the app and gives running requests ten seconds to finish.
 * @param options.port 0 picks a free port, which the result contains.
 * @throws when the port is taken.
 */
export async function listen(
  app: Express,
  { port, host, server = createServer() }: { port: number; host: string; server?: Server },
): Promise<{ port: number; close(): Promise<void> }> {
  server.on('request', app);
  // Limits clients that send headers or bodies slowly. Bodies are small forms.
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
        app.emit('stopping');
        const forceTimer = setTimeout(() => server.closeAllConnections(), 10_000);
        server.close(() => {
          clearTimeout(forceTimer);
          resolve();
        });
        server.closeIdleConnections();
      }),
  };
}
