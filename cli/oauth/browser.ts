import { spawn } from 'node:child_process';
import { createServer } from 'node:http';
import { platform } from 'node:process';

/** A redirect address on this machine, which waits for one browser. */
export type Callback = { redirectUri: string; answer: Promise<URLSearchParams>; close(): void };

const path = '/oauth/callback';

/** @throws when nobody has come back within ten minutes, or the signal's reason */
export async function openCallback(signal: AbortSignal): Promise<Callback> {
  const { promise, resolve, reject } = Promise.withResolvers<URLSearchParams>();
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://127.0.0.1');
    const isAnswer = url.pathname === path;
    response.writeHead(isAnswer ? 200 : 404, { 'content-type': 'text/plain; charset=utf-8', connection: 'close' });
    response.end(isAnswer ? 'Signed in. You can close this page and go back to the terminal.' : 'Not found.');
    if (isAnswer) resolve(url.searchParams);
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The callback has no TCP port.');
  const timer = setTimeout(() => reject(new Error('Nobody signed in within ten minutes.')), 600_000).unref();
  signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  promise.catch(() => {});
  return {
    redirectUri: `http://127.0.0.1:${address.port}${path}`,
    answer: promise,
    close() {
      clearTimeout(timer);
      server.close();
      server.closeAllConnections();
    },
  };
}

const openers: { [system: string]: string } = { darwin: 'open', win32: 'explorer' };

/** Opens the person's browser where there is one. The address is printed as well. */
export function openBrowser(url: string): void {
  const opened = spawn(openers[platform] ?? 'xdg-open', [url], { stdio: 'ignore', detached: true });
  // Without a browser, the person opens the printed address.
  opened.once('error', () => {});
  opened.unref();
}
