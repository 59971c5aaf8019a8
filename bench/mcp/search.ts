import { formatTable, percentile } from '../figures.ts';
import { callTool, parseResult, runList, send, type Target } from './rpc.ts';
import type { SeededRuns } from './seed-runs.ts';

/** An installation whose organization has `size` runs. */
export type Seeded = { size: number; target: Target; seeded: SeededRuns };

/** Each round measures all cells, so that a slow minute of the machine affects many cells a little, not one fully. */
const rounds = 10;
/** The sizes take short turns in a round, so that other load on the machine affects them equally. */
const turns = 4;
/** Few enough that this process rarely collects garbage within a turn. */
const requestsPerTurn = 100;
const samples = rounds * turns * requestsPerTurn;
const goals = { maxP95Ms: 50, maxGrowth: 1.5 };

type Row = {
  filter: string;
  page: string;
  concurrency: number;
  /** By size, of all requests of all rounds. */
  p95Ms: { [size: string]: number };
  /** By size, the runs on the page. */
  runs: { [size: string]: number };
};

type Page = { args: object; runs: number };
type Series = Page & {
  size: number;
  target: Target;
  /** Milliseconds of each request of all rounds. */
  times: number[];
};
type Cell = { filter: string; page: string; concurrency: number; series: Series[] };

/**
 * Measures search_runs with each filter, on the first page and the 500th (or the last), at concurrency 1 and 8. Prints
 * all cells, the worst p95 and the worst growth between sizes, of all pages and of pages with equally many runs.
 */
export async function measureSearch(sizes: readonly Seeded[]): Promise<Row[]> {
  const cells = await createCells(sizes);
  for (let round = 0; round < rounds; round += 1)
    for (const { series, concurrency } of cells) await measure(series, concurrency);
  const rows = cells.map(({ series, ...cell }) => ({
    ...cell,
    p95Ms: Object.fromEntries(series.map(({ size, times }) => [size, percentile(times, 0.95)])),
    runs: Object.fromEntries(series.map(({ size, runs }) => [size, runs])),
  }));
  printSearch(
    rows,
    sizes.map(({ size }) => size),
  );
  return rows;
}

async function createCells(sizes: readonly Seeded[]): Promise<Cell[]> {
  const cells: Cell[] = [];
  const [first] = sizes;
  for (const filter of Object.keys(first ? createFilters(first.seeded) : {})) {
    const pagesBySize = await Promise.all(sizes.map((seeded) => findPages(seeded, filter)));
    for (const name of new Set(pagesBySize.flatMap((pages) => Object.keys(pages))))
      for (const concurrency of [1, 8]) {
        const series = sizes.flatMap(({ size, target }, index) => {
          const page = pagesBySize[index]?.[name];
          return page ? [{ size, target, ...page, times: [] }] : [];
        });
        cells.push({ filter, page: name, concurrency, series });
      }
  }
  return cells;
}

/** Measures one round of one cell, after a turn as warm-up. */
async function measure(series: readonly Series[], concurrency: number): Promise<void> {
  for (const { target, args } of series) await search({ target, args, concurrency });
  for (let turn = 0; turn < turns; turn += 1)
    for (const { target, args, times } of series) times.push(...(await search({ target, args, concurrency })));
}

/** Sends the requests of a turn. @returns milliseconds of each, to the last byte of the response. */
async function search(options: { target: Target; args: object; concurrency: number }): Promise<number[]> {
  const { target, args, concurrency } = options;
  // A collection within the turn would delay the responses to all concurrent requests, and look like the server's time.
  collectGarbage();
  const times: number[] = [];
  const responses: string[] = [];
  let remaining = requestsPerTurn;
  await Promise.all(
    Array.from({ length: concurrency }, async () => {
      while (remaining > 0) {
        remaining -= 1;
        const from = performance.now();
        responses.push(await send(target, 'tools/call', { name: 'search_runs', arguments: args }));
        times.push(performance.now() - from);
      }
    }),
  );
  for (const response of responses) parseResult(response);
  return times;
}

/** Follows the cursors. @returns the first page and the 500th, or the last if there are fewer, by name. */
async function findPages({ target, seeded }: Seeded, filter: string): Promise<{ [page: string]: Page }> {
  const filters = createFilters(seeded)[filter] ?? {};
  let last: Page & { next: string | null } = await readPage(target, filters);
  const first = last;
  let page = 1;
  for (; page < 500 && last.next !== null; page += 1) last = await readPage(target, { ...filters, cursor: last.next });
  return { first, ...(page > 1 && { [page === 500 ? '500th' : `last (${page})`]: last }) };
}

async function readPage(target: Target, args: object): Promise<Page & { next: string | null }> {
  const { runs, nextCursor } = runList.parse(await callTool(target, 'search_runs', args));
  return { args, runs: runs.length, next: nextCursor };
}

/** Filters of search_runs and of GET /runs, with the ones of which few runs are. */
export function createFilters({ workflowId, serverId, rareWorkflowId, rareServerId }: SeededRuns): {
  [name: string]: object;
} {
  const timeBefore = (days: number) => new Date(Date.now() - days * 24 * 3_600_000).toISOString();
  return {
    none: {},
    workflow: { workflowId },
    server: { serverId },
    'status fail': { status: 'fail' },
    'status partial, 1 in 10,000': { status: 'partial' },
    'status error, none': { status: 'error' },
    'trigger manual': { trigger: 'manual' },
    'between two times': { after: timeBefore(5), before: timeBefore(1) },
    'workflow and status': { workflowId, status: 'fail' },
    'status partial, one a page': { status: 'partial', limit: 1 },
    'server and partial, none': { serverId, status: 'partial' },
    'workflow, 1 in 10,000': { workflowId: rareWorkflowId },
    'workflow, one a page': { workflowId: rareWorkflowId, limit: 1 },
    'server, 1 in 10,000': { serverId: rareServerId },
    'server, one a page': { serverId: rareServerId, limit: 1 },
    'workflow and server': { workflowId, serverId },
  };
}

function printSearch(rows: readonly Row[], sizes: readonly number[]): void {
  const [small = 0, large = 0] = [sizes[0], sizes.at(-1)];
  const getGrowth = ({ p95Ms }: Row) => (p95Ms[large] ?? Number.NaN) / (p95Ms[small] ?? Number.NaN);
  const getWorstGrowth = (selected: readonly Row[]) =>
    Math.max(...selected.map(getGrowth).filter((value) => !Number.isNaN(value)));
  console.log(`\nsearch_runs, p95 of ${samples} requests in ms, in ${rounds} rounds, the sizes in turns\n`);
  console.log(
    formatTable([
      ['filter', 'page', 'concurrency', ...sizes.map((size) => `${size} runs`), 'ratio'],
      ...rows.map((row) => [
        row.filter,
        row.page,
        String(row.concurrency),
        ...sizes.map((size) => row.p95Ms[size]?.toFixed(1) ?? '–'),
        Number.isNaN(getGrowth(row)) ? '–' : getGrowth(row).toFixed(2),
      ]),
    ]),
  );
  const worst = Math.max(...rows.flatMap(({ p95Ms }) => Object.values(p95Ms)));
  const growth = getWorstGrowth(rows);
  const equalPages = getWorstGrowth(rows.filter(({ runs }) => runs[small] === runs[large]));
  const isReached = worst <= goals.maxP95Ms && growth <= goals.maxGrowth;
  console.log(
    [
      `\nWorst p95 ${worst.toFixed(1)} ms (goal ≤ ${goals.maxP95Ms}), worst ratio ${growth.toFixed(2)} (goal ≤ ${goals.maxGrowth}): ${isReached ? 'reached' : 'missed'}`,
      `Worst ratio of pages with equally many runs: ${equalPages.toFixed(2)}`,
    ].join('\n'),
  );
}

function collectGarbage(): void {
  if (!globalThis.gc) throw new Error('Run the benchmark with --expose-gc.');
  globalThis.gc({ type: 'minor' });
}
