import { mkdirSync, writeFileSync } from 'node:fs';
import { availableParallelism, cpus, loadavg } from 'node:os';
import { findFreePort } from '../../scripts/port.ts';
import { createApiKey } from '../../services/api-key/create.ts';
import { type Running, run, until } from '../../tests/faults/process.ts';
import { type Stack, startStack } from '../../tests/faults/stack.ts';
import { publish } from '../../tests/support/product-mcp/publish.ts';
import { rpc } from '../mcp/rpc.ts';
import { apiDelayMs, measureCallers } from './callers.ts';
import { apiDocument } from './document.ts';
import { measureLargeDocument } from './large-document.ts';
import { measureThroughput } from './throughput.ts';

const unlimited = '10000000';
const key = 'credential-of-the-bench';

/**
 * Measures Product MCPs beside a bare SDK server that forwards the same requests, with 50 callers, and while a large
 * document is published. Prints a report and writes it to bench/results/product.json.
 */
export async function benchProduct(): Promise<void> {
  console.log(`Node ${process.version}, ${availableParallelism()} cores (${cpus()[0]?.model.trim() ?? 'unknown'})`);
  const stack = await startStack({
    ARMATURE_PRODUCT_MCP_CALLER_REQUESTS_PER_MINUTE: unlimited,
    ARMATURE_PRODUCT_MCP_REQUESTS_PER_MINUTE: unlimited,
    ARMATURE_KEY_REQUESTS_PER_MINUTE: unlimited,
  });
  const started: Running[] = [];
  try {
    // The api is only ready with a worker. Nothing that is measured needs one.
    const worker = stack.startWorker();
    const api = await stack.startApi();
    // For the memory of a large document alone.
    const fresh = await stack.startApi();
    await worker.end();
    const fast = await startPair(started, { delayMs: 0 });
    const slow = await startPair(started, { delayMs: apiDelayMs });
    const ours = { fast: await publishAt(stack, api.url, fast.api), slow: await publishAt(stack, api.url, slow.api) };
    const throughput = await measureThroughput(
      { target: { url: ours.fast, key }, pid: api.pid },
      { target: { url: fast.bare, key }, pid: fast.barePid },
    );
    const callers = await measureCallers({ product: ours.slow, bare: slow.bare, api: slow.api });
    const { key: admin } = await createApiKey(stack.ctx, { name: 'Benchmark', role: 'admin' });
    const large = await measureLargeDocument({
      url: fresh.url,
      key: admin,
      pid: fresh.pid,
      other: { url: ours.fast.replace(api.url, fresh.url), key },
      baseUrl: fast.api,
    });
    mkdirSync('bench/results', { recursive: true });
    const report = { at: new Date().toISOString(), cores: availableParallelism(), load: loadavg() };
    writeFileSync(
      'bench/results/product.json',
      `${JSON.stringify({ ...report, throughput, callers, large }, null, 2)}\n`,
    );
  } finally {
    await Promise.all(started.map((process) => process.end()));
    await stack.close();
  }
}

/** An API and the bare server before it. */
async function startPair(started: Running[], { delayMs }: { delayMs: number }) {
  const start = async (name: string, script: string, ...args: string[]) => {
    const port = await findFreePort();
    const process_ = run(name, `bench/product/${script}`, { ...process.env, NODE_ENV: 'production' }, [
      String(port),
      ...args,
    ]);
    started.push(process_);
    return { url: `http://127.0.0.1:${port}`, ...process_ };
  };
  const api = await start('API', 'api.ts', String(delayMs));
  const bare = await start('bare server', 'bare-server.ts', api.url);
  await until('the API is up', async () => (await fetch(`${api.url}/me`)).status === 401, { context: api.log });
  await until(
    'the bare server is up',
    async () => (await rpc({ url: bare.url, key }, 'tools/list', {})) !== undefined,
    {
      context: bare.log,
    },
  );
  return { api: api.url, bare: bare.url, barePid: bare.pid };
}

/** @returns the address of a Product MCP that checks credentials with the API. */
async function publishAt(stack: Stack, apiUrl: string, baseUrl: string): Promise<string> {
  const connection = { check: { kind: 'endpoint', path: '/me' } } as const;
  const { url } = await publish(stack.ctx, { document: apiDocument, baseUrl, connection });
  return `${apiUrl}${new URL(url).pathname}`;
}
