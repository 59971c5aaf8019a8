import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { freePort } from '../scripts/port.ts';
import { createApiKey } from '../services/api-key/create.ts';
import { run, until } from '../tests/faults/process.ts';
import { type Stack, startStack } from '../tests/faults/stack.ts';
import { percentile, table } from './figures.ts';
import { type SeededRuns, seedRuns } from './seed-runs.ts';

const sizes = [10_000, 1_000_000];
const sliceMs = 1500;
const slices = 5;
const samples = 200;
const goals = { ratio: 0.5, p95Ms: 50, growth: 1.5 };

type Target = { url: string; key: string };

/**
 * `/api/mcp` beside a bare server of the SDK that gives the same answers, by turns; and search_runs over 10,000 and 1,000,000 runs.
 * Authentication is in every figure. Prints a report and writes it to bench/results/mcp.json.
 */
export async function benchMcp(): Promise<void> {
  console.log(`Node ${process.version}, ${availableParallelism()} cores (${cpus()[0]?.model.trim() ?? 'unknown'})`);
  const report: { [part: string]: unknown } = { at: new Date().toISOString(), cores: availableParallelism() };
  const searches: { [size: string]: Search[] } = {};
  for (const size of sizes) {
    const stack = await startStack({ ARMATURE_KEY_REQUESTS_PER_MINUTE: '10000000' });
    try {
      console.log(`Writing ${size} runs …`);
      const seeded = await seedRuns(stack.ownerUrl, stack.orgId, size);
      stack.startWorker();
      const api = await stack.startApi();
      const { key } = await createApiKey(stack.ctx, { name: 'Benchmark' });
      const armature = { url: `${api.url}/api/mcp`, key };
      searches[size] = await measureSearch(armature, seeded);
      if (size === sizes[0]) report.throughput = await measureThroughput(stack, armature);
    } finally {
      await stack.close();
    }
  }
  report.search = tellSearch(searches);
  mkdirSync('bench/results', { recursive: true });
  writeFileSync('bench/results/mcp.json', `${JSON.stringify(report, null, 2)}\n`);
}

let nextId = 0;

async function rpc({ url, key }: Target, method: string, params: object): Promise<unknown> {
  nextId += 1;
  const response = await fetch(url, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${key}`,
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
      'mcp-protocol-version': '2025-11-25',
    },
    body: JSON.stringify({ jsonrpc: '2.0', id: nextId, method, params }),
  });
  const text = await response.text();
  const json = text.startsWith('{')
    ? text
    : (text.split('\n').findLast((line) => line.startsWith('data: {')) ?? '').slice(6);
  if (!response.ok || !json) throw new Error(`${method} was answered ${response.status}: ${text.slice(0, 300)}`);
  const { result } = z.looseObject({ result: z.unknown() }).parse(JSON.parse(json));
  if (result === undefined) throw new Error(`${method} failed: ${json.slice(0, 300)}`);
  return result;
}

const toolAnswer = z.looseObject({ structuredContent: z.record(z.string(), z.unknown()) });
const call = async (target: Target, name: string, args: object) =>
  toolAnswer.parse(await rpc(target, 'tools/call', { name, arguments: args })).structuredContent;
const summaries = z.looseObject({
  runs: z.array(z.looseObject({ runId: z.string() })),
  nextCursor: z.string().nullable(),
});

async function measureThroughput(_stack: Stack, armature: Target) {
  const found = summaries.parse(await call(armature, 'search_runs', {}));
  const calls: [name: string, args: object][] = [
    ['search_runs', {}],
    ['inspect_run', { runId: found.runs[0]?.runId }],
    ['list_workflows', {}],
  ];
  const answers: { [name: string]: unknown } = {};
  for (const [name, args] of calls) answers[name] = await call(armature, name, args);
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
    const rows: string[][] = [['', 'at once', 'Armature /s', 'bare /s', 'ratio']];
    const figures: { name: string; atOnce: number; armature: number; bare: number; ratio: number }[] = [];
    for (const [name, args] of calls)
      for (const atOnce of [1, 8]) {
        const rates = { armature: [] as number[], bare: [] as number[] };
        for (let slice = -1; slice < slices; slice += 1) {
          const ours = await rate(armature, name, args, atOnce);
          const theirs = await rate(bare, name, args, atOnce);
          if (slice < 0) continue;
          rates.armature.push(ours);
          rates.bare.push(theirs);
        }
        const [ours, theirs] = [percentile(rates.armature, 0.5), percentile(rates.bare, 0.5)];
        figures.push({ name, atOnce, armature: ours, bare: theirs, ratio: ours / theirs });
        rows.push([name, String(atOnce), ours.toFixed(0), theirs.toFixed(0), (ours / theirs).toFixed(2)]);
      }
    const worst = Math.min(...figures.map(({ ratio }) => ratio));
    console.log(`\nRequests a second, median of ${slices} slices of ${sliceMs} ms, by turns\n\n${table(rows)}`);
    console.log(
      `\nworst ratio ${worst.toFixed(2)}; goal ≥ ${goals.ratio}: ${worst >= goals.ratio ? 'reached' : 'missed'}`,
    );
    return figures;
  } finally {
    await server.end();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function rate(target: Target, name: string, args: object, atOnce: number): Promise<number> {
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
  return done / ((performance.now() - from) / 1000);
}

type Search = { filter: string; page: string; atOnce: number; p95Ms: number };

async function measureSearch(armature: Target, seeded: SeededRuns): Promise<Search[]> {
  const { workflowId, serverId, rareWorkflowId, rareServerId } = seeded;
  const day = 24 * 3_600_000;
  const at = (daysAgo: number) => new Date(Date.now() - daysAgo * day).toISOString();
  const filters: { [name: string]: object } = {
    none: {},
    workflow: { workflowId },
    server: { serverId },
    'status fail': { status: 'fail' },
    'status partial, 1 in 10,000': { status: 'partial' },
    'status error, none': { status: 'error' },
    'trigger manual': { trigger: 'manual' },
    'between two times': { after: at(5), before: at(1) },
    'workflow and status': { workflowId, status: 'fail' },
    'server and partial, none': { serverId, status: 'partial' },
    'workflow, 1 in 10,000': { workflowId: rareWorkflowId },
    'server, 1 in 10,000': { serverId: rareServerId },
    'workflow and server': { workflowId, serverId },
  };
  const found: Search[] = [];
  for (const [filter, args] of Object.entries(filters)) {
    let cursor: string | null = null;
    let page = 1;
    // Page by page to the 500th, or the last one where there are fewer.
    while (page < 500) {
      const { nextCursor } = summaries.parse(
        await call(armature, 'search_runs', { ...args, ...(cursor && { cursor }) }),
      );
      if (nextCursor === null) break;
      cursor = nextCursor;
      page += 1;
    }
    const pages: [string, object][] = [['first', args]];
    if (cursor) pages.push([page === 500 ? '500th' : `last (${page})`, { ...args, cursor }]);
    for (const [name, asked] of pages)
      for (const atOnce of [1, 8]) {
        const times: number[] = [];
        let left = samples;
        await Promise.all(
          Array.from({ length: atOnce }, async () => {
            while (left > 0) {
              left -= 1;
              const from = performance.now();
              await rpc(armature, 'tools/call', { name: 'search_runs', arguments: asked });
              times.push(performance.now() - from);
            }
          }),
        );
        found.push({ filter, page: name, atOnce, p95Ms: percentile(times, 0.95) });
      }
  }
  return found;
}

function tellSearch(searches: { [size: string]: Search[] }) {
  const [small = [], large = []] = sizes.map((size) => searches[size] ?? []);
  const rows = large.map(({ filter, page, atOnce, p95Ms }) => {
    const before = small.find((each) => each.filter === filter && each.page === page && each.atOnce === atOnce);
    return { filter, page, atOnce, small: before?.p95Ms ?? null, large: p95Ms };
  });
  console.log(`\nsearch_runs, p95 of ${samples} requests in ms\n`);
  console.log(
    table([
      ['filter', 'page', 'at once', ...sizes.map((size) => `${size} runs`), 'ratio'],
      ...rows.map((row) => [
        row.filter,
        row.page,
        String(row.atOnce),
        row.small?.toFixed(1) ?? '–',
        row.large.toFixed(1),
        row.small === null ? '–' : (row.large / row.small).toFixed(2),
      ]),
    ]),
  );
  const worst = Math.max(...rows.map(({ large: p95 }) => p95));
  const growth = Math.max(...rows.map((row) => (row.small === null ? 0 : row.large / row.small)));
  const reached = worst <= goals.p95Ms && growth <= goals.growth;
  console.log(
    `\nworst p95 ${worst.toFixed(1)} ms (goal ≤ ${goals.p95Ms}), worst ratio ${growth.toFixed(2)} (goal ≤ ${goals.growth}): ${reached ? 'reached' : 'missed'}`,
  );
  return rows;
}
