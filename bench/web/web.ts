import { mkdirSync, writeFileSync } from 'node:fs';
import { availableParallelism, cpus, loadavg } from 'node:os';
import { startShopServer } from '../../examples/shop-server/index.ts';
import { fillPath, listPaths, signInOwner } from '../../tests/contract/registry/paths.ts';
import type { World } from '../../tests/contract/registry/world.ts';
import { startStack } from '../../tests/faults/stack.ts';
import { formatTable, percentile } from '../figures.ts';
import { measureTyping } from './interaction.ts';
import { type Scores, scorePage } from './lighthouse.ts';
import { seedWorkspace } from './seed.ts';

/** Runs of the two workspaces. */
const [small, large] = [10_000, Number(process.env.ARMATURE_BENCH_SIZES ?? 1_000_000)];
const samples = Number(process.env.ARMATURE_BENCH_SLICES ?? 40);
const warmUp = 5;
const goals = { p95Ms: 100, ratio: 1.5, score: 95, interactionMs: 100 };

type Workspace = { world: World; cookie: string };
type Row = { path: string; smallMs: number; largeMs: number };

/**
 * Measures the server's time of every page of a large workspace beside a small one, what compression adds, and
 * Lighthouse's scores of Home and a run. Prints a report and writes it to bench/results/web.json.
 */
export async function benchWeb(): Promise<void> {
  console.log(`Node ${process.version}, ${availableParallelism()} cores (${cpus()[0]?.model.trim() ?? 'unknown'})`);
  const stack = await startStack({ ARMATURE_LOG_LEVEL: 'error' });
  const shop = await startShopServer();
  try {
    // The api is only ready with a worker. No page needs one.
    const worker = stack.startWorker();
    const { url } = await stack.startApi();
    await worker.end();
    const seed = async (runs: number): Promise<Workspace> => {
      console.log(`Writing ${runs} runs …`);
      const world = await seedWorkspace(stack.deps, { ownerUrl: stack.ownerUrl, shopUrl: shop.url, runs });
      const { name, value } = await signInOwner(stack.deps, world);
      return { world, cookie: `${name}=${value}` };
    };
    const workspaces = { small: await seed(small), large: await seed(large) };
    const rows: Row[] = [];
    // What only development shows is not there.
    for (const path of listPaths().filter((path) => !path.startsWith('/dev/'))) {
      const row = await measure(url, path, workspaces);
      if (!row) continue;
      rows.push({ path, ...row });
      console.log(`${path}: ${row.smallMs.toFixed(0)} and ${row.largeMs.toFixed(0)} ms`);
    }
    printPages(rows);
    const compression = await measureCompression(url, workspaces.large);
    const scores: { [page: string]: Scores } = {};
    for (const path of ['/o/:org', '/o/:org/runs/:runId'])
      scores[path] = await scorePage(toUrl(url, path, workspaces.large), workspaces.large.cookie);
    printScores(scores);
    const interactionMs = await measureInteraction(url, workspaces.small);
    mkdirSync('bench/results', { recursive: true });
    const report = {
      at: new Date().toISOString(),
      load: loadavg(),
      small,
      large,
      rows,
      compression,
      scores,
      interactionMs,
    };
    writeFileSync('bench/results/web.json', `${JSON.stringify(report, null, 2)}\n`);
  } finally {
    await shop.close();
    await stack.close();
  }
}

const toUrl = (url: string, path: string, { world }: Workspace): string =>
  `${url}${fillPath(path, `org-${world.org.orgId}`, world)}`;

/** @returns milliseconds to the last byte. Null for what is no page. */
async function load(address: string, cookie: string, encoding = 'br'): Promise<number | null> {
  const from = performance.now();
  const response = await fetch(address, {
    headers: { cookie, 'accept-encoding': encoding, accept: 'text/html' },
    redirect: 'manual',
  });
  const isPage = response.headers.get('content-type')?.includes('text/html');
  if (!isPage) {
    await response.body?.cancel();
    return null;
  }
  const html = await response.text();
  if (!response.ok) throw new Error(`${address} was answered ${response.status}: ${html.slice(0, 500)}`);
  return performance.now() - from;
}

/** The workspaces take turns, so that other load on the machine affects both. */
async function measure(
  url: string,
  path: string,
  workspaces: { small: Workspace; large: Workspace },
): Promise<Omit<Row, 'path'> | null> {
  const times: { small: number[]; large: number[] } = { small: [], large: [] };
  for (let turn = -warmUp; turn < samples; turn += 1)
    for (const size of ['small', 'large'] as const) {
      const workspace = workspaces[size];
      const ms = await load(toUrl(url, path, workspace), workspace.cookie);
      if (ms === null) return null;
      if (turn >= 0) times[size].push(ms);
    }
  return { smallMs: percentile(times.small, 0.95), largeMs: percentile(times.large, 0.95) };
}

function printPages(rows: readonly Row[]): void {
  const ratioOf = ({ smallMs, largeMs }: Row): number => largeMs / smallMs;
  console.log(
    `\nServer's time of each page, p95 of ${samples} in ms; load of the machine ${loadavg()[0]?.toFixed(1)}\n`,
  );
  console.log(
    formatTable([
      ['page', `${small} runs`, `${large} runs`, 'ratio'],
      ...rows.map((row) => [row.path, row.smallMs.toFixed(1), row.largeMs.toFixed(1), ratioOf(row).toFixed(2)]),
    ]),
  );
  const worst = Math.max(...rows.map(({ largeMs }) => largeMs));
  const worstRatio = Math.max(...rows.map(ratioOf));
  console.log(
    `\nWorst p95 ${worst.toFixed(1)} ms (goal ≤ ${goals.p95Ms}: ${worst <= goals.p95Ms ? 'reached' : 'missed'}), worst ratio ${worstRatio.toFixed(2)} (goal ≤ ${goals.ratio}: ${worstRatio <= goals.ratio ? 'reached' : 'missed'})`,
  );
}

/** Median time with brotli as a share of the time without, on the page with the most rows. */
async function measureCompression(url: string, workspace: Workspace): Promise<{ ratio: number }> {
  const times: { br: number[]; identity: number[] } = { br: [], identity: [] };
  for (let turn = 0; turn < samples; turn += 1)
    for (const encoding of ['br', 'identity'] as const)
      times[encoding].push((await load(toUrl(url, '/o/:org/monitors', workspace), workspace.cookie, encoding)) ?? 0);
  const ratio = percentile(times.br, 0.5) / percentile(times.identity, 0.5);
  console.log(`Compressed, the page of monitors takes ${ratio.toFixed(2)} times as long as uncompressed.`);
  return { ratio };
}

/** On the editor with 50 criteria, with the CPU slowed four times. */
async function measureInteraction(url: string, { world, cookie }: Workspace): Promise<number> {
  const [name = '', value = ''] = cookie.split(/=(.*)/);
  const ms = await measureTyping({
    ctx: world.org.as('owner'),
    serverId: world.serverId,
    url: `${url}/o/org-${world.org.orgId}`,
    cookie: { name, value },
  });
  console.log(
    `\nSlowest interaction in the editor with 50 criteria, CPU slowed 4 times: ${ms} ms (goal ≤ ${goals.interactionMs}: ${ms <= goals.interactionMs ? 'reached' : 'missed'})`,
  );
  return ms;
}

function printScores(scores: { [page: string]: Scores }): void {
  console.log(`\nLighthouse on a slow phone (goal ≥ ${goals.score})\n`);
  console.log(
    formatTable([
      ['page', 'performance', 'accessibility'],
      ...Object.entries(scores).map(([page, { performance, accessibility }]) => [
        page,
        String(performance),
        String(accessibility),
      ]),
    ]),
  );
}
