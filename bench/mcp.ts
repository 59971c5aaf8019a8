import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { freePort } from '../scripts/port.ts';
import { createApiKey } from '../services/api-key/create.ts';
import { run, until } from '../tests/faults/process.ts';
import { type Stack, startStack } from '../tests/faults/stack.ts';
import { cpuSeconds } from './cpu.ts';
import { percentile, table } from './figures.ts';
import { measureSearch, type Seeded } from './mcp-search.ts';
import { callTool, rpc, summaries, type Target } from './rpc.ts';
import { seedRuns, seedTrace } from './seed-runs.ts';

const sizes = (process.env.ARMATURE_BENCH_SIZES ?? '10000,1000000').split(',').map(Number);
const slices = Number(process.env.ARMATURE_BENCH_SLICES ?? 9);
const sliceMs = 1500;
const goal = 0.5;

type House = Seeded & { stack: Stack; apiPid: number };

/**
 * `/api/mcp` beside a bare server of the SDK that gives the same answers, by turns; and search_runs over 10,000 and 1,000,000 runs
 * (`ARMATURE_BENCH_SIZES`). Authentication is in every figure. Prints a report and writes it to bench/results/mcp.json.
 */
export async function benchMcp(): Promise<void> {
  console.log(`Node ${process.version}, ${availableParallelism()} cores (${cpus()[0]?.model.trim() ?? 'unknown'})`);
  const houses: House[] = [];
  try {
    let throughput: Throughput[] = [];
    for (const size of sizes) {
      const house = await start(size);
      houses.push(house);
      // Before there are others, whose vacuum of what was just written would be measured along.
      if (houses.length === 1) throughput = await measureThroughput(house);
    }
    const search = await measureSearch(houses);
    const report = { at: new Date().toISOString(), cores: availableParallelism(), throughput, search };
    mkdirSync('bench/results', { recursive: true });
    writeFileSync('bench/results/mcp.json', `${JSON.stringify(report, null, 2)}\n`);
  } finally {
    for (const { stack } of houses) await stack.close();
  }
}

async function start(size: number): Promise<House> {
  const stack = await startStack({ ARMATURE_KEY_REQUESTS_PER_MINUTE: '10000000' });
  try {
    console.log(`Writing ${size} runs …`);
    const seeded = await seedRuns(stack.ownerUrl, stack.orgId, size);
    // A worker is part of being ready, and nothing that is measured: reads need none.
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
  atOnce: number;
  armature: number;
  bare: number;
  ratio: number;
  /** CPU of one request, in milliseconds. */
  apiMs: number;
  postgresMs: number;
  bareMs: number;
};

async function measureThroughput({ target: armature, stack, apiPid }: House): Promise<Throughput[]> {
  const found = summaries.parse(await callTool(armature, 'search_runs', {}));
  const runId = found.runs[0]?.runId ?? '';
  await seedTrace(stack.ownerUrl, stack.orgId, runId);
  const calls: [name: string, args: object][] = [
    ['search_runs', {}],
    ['inspect_run', { runId }],
    ['list_workflows', {}],
  ];
  const answers: { [name: string]: unknown } = {};
  for (const [name, args] of calls) answers[name] = await callTool(armature, name, args);
  const { tools } = z
    .looseObject({ tools: z.array(z.looseObject({ name: z.string() })) })
    .parse(await rpc(armature, 'tools/list', {}));

  const folder = mkdtempSync(join(tmpdir(), 'armature-bench-'));
  const port = await freePort();
  const file = join(folder, 'answers.json');
  writeFileSync(file, JSON.stringify({ port, tools, answers }));
  const server = run('bare server', 'bench/bare-mcp.ts', { ...process.env }, [file]);
  const bare = { url: `http://127.0.0.1:${port}/mcp`, key: 'none' };
  try {
    await until('the bare server is up', async () => (await rpc(bare, 'tools/list', {})) !== undefined, {
      context: server.log,
    });
    const figures: Throughput[] = [];
    for (const [name, args] of calls)
      for (const atOnce of [1, 8]) {
        const ours = counter({ target: armature, name, args, atOnce, pids: [apiPid, stack.postgres().pid] });
        const theirs = counter({ target: bare, name, args, atOnce, pids: [server.pid] });
        // The first two slices of each warm up.
        for (let slice = -2; slice < slices; slice += 1) {
          await ours.slice(slice >= 0);
          await theirs.slice(slice >= 0);
        }
        const [apiMs = 0, postgresMs = 0] = ours.cpuMs();
        const [bareMs = 0] = theirs.cpuMs();
        const ratio = ours.rate() / theirs.rate();
        figures.push({ name, atOnce, armature: ours.rate(), bare: theirs.rate(), ratio, apiMs, postgresMs, bareMs });
      }
    tell(figures);
    return figures;
  } finally {
    await server.end();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Asks for slices of time, and keeps how many answers a second there were and what CPU they cost. */
function counter(of: { target: Target; name: string; args: object; atOnce: number; pids: number[] }) {
  const { target, name, args, atOnce, pids } = of;
  const rates: number[] = [];
  const cpu = pids.map(() => 0);
  let answers = 0;
  return {
    async slice(counts: boolean): Promise<void> {
      const before = pids.map(cpuSeconds);
      const from = performance.now();
      let done = 0;
      await Promise.all(
        Array.from({ length: atOnce }, async () => {
          while (performance.now() - from < sliceMs) {
            await rpc(target, 'tools/call', { name, arguments: args });
            done += 1;
          }
        }),
      );
      if (!counts) return;
      rates.push(done / ((performance.now() - from) / 1000));
      answers += done;
      for (const [index, pid] of pids.entries())
        cpu[index] = (cpu[index] ?? 0) + cpuSeconds(pid) - (before[index] ?? 0);
    },
    /** Answers a second, the median slice. */
    rate: () => percentile(rates, 0.5),
    cpuMs: () => cpu.map((seconds) => (seconds * 1000) / answers),
  };
}

function tell(figures: readonly Throughput[]): void {
  const rows = figures.map(({ name, atOnce, armature, bare, ratio, apiMs, postgresMs, bareMs }) => [
    name,
    String(atOnce),
    armature.toFixed(0),
    bare.toFixed(0),
    ratio.toFixed(2),
    apiMs.toFixed(2),
    postgresMs.toFixed(2),
    bareMs.toFixed(2),
  ]);
  const head = ['', 'at once', 'Armature /s', 'bare /s', 'ratio', 'api CPU ms', 'Postgres CPU ms', 'bare CPU ms'];
  console.log(
    `\nRequests a second, median of ${slices} slices of ${sliceMs} ms, by turns\n\n${table([head, ...rows])}`,
  );
  const worst = Math.min(...figures.map(({ ratio }) => ratio));
  console.log(`\nworst ratio ${worst.toFixed(2)}; goal ≥ ${goal}: ${worst >= goal ? 'reached' : 'missed'}`);
}
