import { createServer, type RequestListener, type ServerResponse } from 'node:http';
import type { AddressInfo, Server as NetServer } from 'node:net';

/** A server of a test, on a free loopback port. */
export type Listening = {
  port: number;
  /** `http://127.0.0.1:<port>` */
  origin: string;
  close(): Promise<void>;
};

/** Listens on a free loopback port; `close` also ends the connections that are open. */
export async function listen(server: NetServer, scheme: 'http' | 'https' = 'http'): Promise<Listening> {
  const sockets = new Set<{ destroy(): void }>();
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  // Listening on TCP, so the address is never a pipe's name.
  const { port } = server.address() as AddressInfo;
  return {
    port,
    origin: `${scheme}://127.0.0.1:${port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}

export const serve = (handler: RequestListener): Promise<Listening> => listen(createServer(handler));

/** Answers a body that is not JSON as JSON-RPC does. @returns whether it was one */
export function refuseMalformed(text: string, response: ServerResponse): boolean {
  try {
    JSON.parse(text);
    return false;
  } catch {
    const error = { code: -32700, message: 'The body is not JSON.' };
    response.writeHead(400, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ jsonrpc: '2.0', id: null, error }));
    return true;
  }
}
