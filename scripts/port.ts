import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';

/** Below the range from which systems take ports for outgoing connections and for whoever asks for any. */
const range = [10_000, 2 ** 15] as const;
const maxTries = 1000;

/** @returns a TCP port on 127.0.0.1 that is free now, one of many: two callers hardly ever get the same. */
export async function findFreePort(): Promise<number> {
  for (let tried = 0; tried < maxTries; tried++) {
    const port = randomInt(...range);
    if (await isFree(port)) return port;
  }
  throw new Error(`None of ${maxTries} ports from ${range[0]} to ${range[1] - 1} is free on 127.0.0.1.`);
}

/** Whether nothing listens on a TCP port of 127.0.0.1 now. */
export function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}
