import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { findFreePort } from '../../scripts/port.ts';
import { createApiKey } from '../../services/api-key/create.ts';
import { run, until } from '../../tests/faults/process.ts';
import { type Stack, startStack } from '../../tests/faults/stack.ts';
import { formatTable } from '../figures.ts';
import { createCounter } from './counter.ts';
import { callTool, rpc, runList } from './rpc.ts';
import { measureSearch, type Seeded } from './search.ts';
import { seedRuns, seedTrace } from './seed-runs.ts';

const sizes = (process.env.ARMATURE_BENCH_SIZES ?? '10000,1000000').split(',').map(Number);
const slices = Number(process.env.ARMATURE_BENCH_SLICES ?? 9);
const sliceMs = 1500;
const minRatio = 0.3;

export type Installation = Seeded & { stack: Stack; apiPid: number };

/**
 * Measures `/api/mcp` in turns with a bare SDK server that returns the same results, and search_runs over 10,000 and
 * 1,000,000 runs. All figures include authentication. Prints a report and writes it to bench/results/mcp.json.
 */
export async function benchMcp(): Promise<void> {
  console.log(`Node ${process.version}, ${availableParallelism()} cores (${cpus()[0]?.model.trim() ?? 'unknown'})`);
  const installations: Installation[] = [];
  try {
    let throughput: Throughput[] = [];
    for (const size of sizes) {
      const installation = await startInstallation(size);
      installations.push(installation);
      // Before the next one is seeded, whose vacuum would take CPU during the measurement.
      if (installations.length === 1) throughput = await measureThroughput(installation);
    }
    const search = await measureSearch(installations);
    const report = { at: new Date().toISOString(), cores: availableParallelism(), throughput, search };
    mkdirSync('bench/results', { recursive: true });
    writeFileSync('bench/results/mcp.json', `${JSON.stringify(report, null, 2)}\n`);
  } finally {
    for (const { stack } of installations) await stack.close();
  }
}

/** An installation whose organization has `size` runs, and others as many. */
export async function startInstallation(size: number): Promise<Installation> {
  const stack = await startStack({ ARMATURE_KEY_REQUESTS_PER_MINUTE: '10000000' });
  try {
    console.log(`Writing ${size} runs …`);
    const seeded = await seedRuns(stack.ownerUrl, stack.orgId, size);
    // The api is only ready with a worker. The measured reads don't need one.
    const worker = stack.startWorker();
    const api = await stack.startApi();
    await worker.end();
    const { key } = await createApiKey(stack.ctx, { name: 'Benchmark' });
    return { size, seeded, stack, target: { url: `${api.url}/api/mcp`, key }, apiPid: api.pid };
  } catch (error) {
    await stack.close();
    throw error;
  }
}

type Throughput = {
  name: string;
  concurrency: number;
  armature: number;
  bare: number;
  ratio: number;
  /** CPU per request, in milliseconds. */
  apiMs: number;
  postgresMs: number;
  bareMs: number;
};

async function measureThroughput({ target: armature, stack, apiPid }: Installation): Promise<Throughput[]> {
  const { runs } = runList.parse(await callTool(armature, 'search_runs', {}));
  const runId = runs[0]?.runId ?? '';
  await seedTrace(stack.ownerUrl, stack.orgId, runId);
  const calls: [name: string, args: object][] = [
    ['search_runs', {}],
    ['inspect_run', { runId }],
    ['list_workflows', {}],
  ];
  const results: { [name: string]: unknown } = {};
  for (const [name, args] of calls) results[name] = await callTool(armature, name, args);
  const { tools } = z
    .looseObject({ tools: z.array(z.looseObject({ name: z.string() })) })
    .parse(await rpc(armature, 'tools/list', {}));

  const folder = mkdtempSync(join(tmpdir(), 'armature-bench-'));
  const port = await findFreePort();
  const file = join(folder, 'results.json');
  writeFileSync(file, JSON.stringify({ port, tools, results }));
  const server = run('bare server', 'bench/mcp/bare-server.ts', { ...process.env }, [file]);
  const bare = { url: `http://127.0.0.1:${port}/mcp`, key: 'none' };
  try {
    await until('the bare server is up', async () => (await rpc(bare, 'tools/list', {})) !== undefined, {
      context: server.log,
    });
    const figures: Throughput[] = [];
    for (const [name, args] of calls)
      for (const concurrency of [1, 8]) {
        const pids = [apiPid, stack.postgres().pid];
        const ours = createCounter({ target: armature, name, args, concurrency, pids, sliceMs });
        const theirs = createCounter({ target: bare, name, args, concurrency, pids: [server.pid], sliceMs });
        // The first two slices of each are a warm-up.
        for (let slice = -2; slice < slices; slice += 1) {
          await ours.runSlice({ isCounted: slice >= 0 });
          await theirs.runSlice({ isCounted: slice >= 0 });
        }
        const [apiMs = 0, postgresMs = 0] = ours.getCpuMs();
        const [bareMs = 0] = theirs.getCpuMs();
        const [armatureRate, bareRate] = [ours.getRate(), theirs.getRate()];
        const rates = { armature: armatureRate, bare: bareRate, ratio: armatureRate / bareRate };
        figures.push({ name, concurrency, ...rates, apiMs, postgresMs, bareMs });
      }
    printThroughput(figures);
    return figures;
  } finally {
    await server.end();
    rmSync(folder, { recursive: true, force: true });
  }
}

function printThroughput(figures: readonly Throughput[]): void {
  const rows = figures.map(({ name, concurrency, armature, bare, ratio, apiMs, postgresMs, bareMs }) => [
    name,
    String(concurrency),
    armature.toFixed(0),
    bare.toFixed(0),
    ratio.toFixed(2),
    apiMs.toFixed(2),
    postgresMs.toFixed(2),
    bareMs.toFixed(2),
  ]);
  const head = ['', 'concurrency', 'Armature /s', 'bare /s', 'ratio', 'api CPU ms', 'Postgres CPU ms', 'bare CPU ms'];
  console.log(
    `\nRequests per second, median of ${slices} slices of ${sliceMs} ms, in turns\n\n${formatTable([head, ...rows])}`,
  );
  const worst = Math.min(...figures.map(({ ratio }) => ratio));
  console.log(`\nWorst ratio ${worst.toFixed(2)}, goal ≥ ${minRatio}: ${worst >= minRatio ? 'reached' : 'missed'}`);
}
