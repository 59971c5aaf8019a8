import { mkdirSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { startStack } from '../tests/faults/stack.ts';
import { type PublicRequest, publicRequests } from '../tests/support/public-routes.ts';
import { formatTable } from './figures.ts';

const rounds = 5;

type Figure = { name: string; bytes: number; status: number; blockMs: number };

/**
 * Measures how long the largest body of each public route and content type blocks the api's event loop: the longest
 * answer of `/healthz` meanwhile, the least of five rounds. Prints a report and writes it to bench/results/routes.json.
 */
export async function benchRoutes(): Promise<void> {
  console.log(`Node ${process.version}, ${availableParallelism()} cores`);
  const stack = await startStack({
    SLACK_CLIENT_ID: '1.2',
    SLACK_CLIENT_SECRET: 'client-secret',
    SLACK_SIGNING_SECRET: 'signing-secret',
    RESEND_WEBHOOK_SECRET: `whsec_${'A'.repeat(32)}`,
    ARMATURE_OPEN_SIGNUP: 'true',
    ARMATURE_LOG_LEVEL: 'error',
  });
  try {
    // The api is only ready with a worker. No route here needs one.
    const worker = stack.startWorker();
    const { url } = await stack.startApi();
    await worker.end();
    await measureIdle(url);
    const figures: Figure[] = [];
    for (const request of publicRequests())
      figures.push(await measure(url, { ...request, headers: { origin: stack.config.url, ...request.headers } }));
    figures.sort((a, b) => b.blockMs - a.blockMs);
    print(await measureIdle(url), figures);
    mkdirSync('bench/results', { recursive: true });
    writeFileSync(
      'bench/results/routes.json',
      `${JSON.stringify({ at: new Date().toISOString(), figures }, null, 2)}\n`,
    );
  } finally {
    await stack.close();
  }
}

/** @returns milliseconds of the slowest of some answers while nothing else happens */
const measureIdle = async (url: string): Promise<number> =>
  longestAnswer(url, () => new Promise((resolve) => setTimeout(resolve, 500)));

async function measure(url: string, request: PublicRequest): Promise<Figure> {
  const body = Buffer.from(request.body(request.maxBytes));
  let status = 0;
  let blockMs = Number.POSITIVE_INFINITY;
  for (let round = 0; round < rounds; round += 1)
    blockMs = Math.min(
      blockMs,
      await longestAnswer(url, async () => {
        const answer = await fetch(`${url}${request.path}`, {
          method: request.method,
          headers: request.headers,
          redirect: 'manual',
          ...(request.method === 'POST' && { body }),
        });
        await answer.arrayBuffer();
        status = answer.status;
      }),
    );
  return { name: request.name, bytes: body.length, status, blockMs };
}

/** Requests `/healthz` again and again while `work` is done. @returns milliseconds of the slowest answer */
async function longestAnswer(url: string, work: () => Promise<void>): Promise<number> {
  let isDone = false;
  let longest = 0;
  const ping = async (): Promise<void> => {
    const from = performance.now();
    await (await fetch(`${url}/healthz`)).arrayBuffer();
    longest = Math.max(longest, performance.now() - from);
  };
  const pinging = (async () => {
    do await ping();
    while (!isDone);
  })();
  await work();
  isDone = true;
  await pinging;
  return longest;
}

function print(idleMs: number, figures: readonly Figure[]): void {
  console.log(`\nLongest answer of /healthz: ${idleMs.toFixed(1)} ms while idle, and during one request:\n`);
  console.log(
    formatTable([
      ['request', 'KiB', 'status', 'ms'],
      ...figures.map(({ name, bytes, status, blockMs }) => [
        name,
        (bytes / 1024).toFixed(0),
        String(status),
        blockMs.toFixed(1),
      ]),
    ]),
  );
}
