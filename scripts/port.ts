import { createServer } from 'node:net';

/** A TCP port on 127.0.0.1 that was free a moment ago. Whoever takes it must still be ready to find it taken. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => {
        if (address === null || typeof address === 'string') reject(new Error('No TCP address was given.'));
        else resolve(address.port);
      });
    });
  });
}
