import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import { z } from 'zod';

export type Received = { path: string; headers: IncomingHttpHeaders; body: string };
/** `lost`: the request is taken, and the connection broken off without an answer. */
export type Answer = 'lost' | { status: number; headers?: Record<string, string>; body?: unknown };

export type FakeService = {
  url: string;
  /** Every request, in the order they came; nothing is told apart from a repetition. */
  received: Received[];
  /** What is answered from now on; the number of the request begins with 1 after `reset`. */
  answer(how: (request: Received, number: number) => Answer | Promise<Answer>): void;
  reset(): void;
  close(): Promise<void>;
};

/** Another company's service, as far as HTTP goes: it counts, and doesn't deduplicate. */
export async function startFakeService(): Promise<FakeService> {
  const received: Received[] = [];
  const usual = (): Answer => ({ status: 200, body: {} });
  let how: (request: Received, number: number) => Answer | Promise<Answer> = usual;
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const one = { path: request.url ?? '', headers: request.headers, body: Buffer.concat(chunks).toString('utf8') };
    received.push(one);
    const answer = await how(one, received.length);
    if (answer === 'lost') {
      request.socket.destroy();
      return;
    }
    response.writeHead(answer.status, { 'content-type': 'application/json', ...answer.headers });
    response.end(typeof answer.body === 'string' ? answer.body : JSON.stringify(answer.body ?? {}));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = z.object({ port: z.number() }).parse(server.address());
  return {
    url: `http://127.0.0.1:${port}`,
    received,
    answer(given) {
      how = given;
    },
    reset() {
      received.length = 0;
      how = usual;
    },
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
