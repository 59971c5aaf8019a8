import { createServer } from 'node:http';

export type Recorded = { method: string; url: string; headers: { [name: string]: string }; body: Buffer };

/** An upstream that keeps the last request. */
export async function startRecorder() {
  let last: Recorded | null = null;
  // Some queries have hundreds of parameters. A busy machine must not lose connections.
  const server = createServer({ maxHeaderSize: 1024 * 1024, keepAliveTimeout: 0 }, async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const headers = Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name, String(value)]));
    last = { method: request.method ?? '', url: request.url ?? '', headers, body: Buffer.concat(chunks) };
    response.end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  server.unref();
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  return {
    origin: `http://127.0.0.1:${port}`,
    take(): Recorded | null {
      const taken = last;
      last = null;
      return taken;
    },
  };
}
