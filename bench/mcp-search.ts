import { percentile, table } from './figures.ts';
import { callTool, resultOf, send, summaries, type Target } from './rpc.ts';
import type { SeededRuns } from './seed-runs.ts';

/** An installation with this many runs in the organization that asks. */
export type Seeded = { size: number; target: Target; seeded: SeededRuns };

/** Each round goes through all cells, so that a slow minute of the machine meets a part of many, not all of one. */
const rounds = 10;
/** The sizes take short turns in a round, so that what else the machine does meets them alike. */
const turns = 4;
/** Requests of a turn: few enough that this process seldom collects garbage of its own accord within one. */
const count = 100;
const samples = rounds * turns * count;
const goals = { p95Ms: 50, growth: 1.5 };

type Row = {
  filter: string;
  page: string;
  atOnce: number;
  /** Of all requests of all rounds. */
  p95Ms: { [size: string]: number };
  /** Runs in the answer. */
  runs: { [size: string]: number };
};

type Asked = Page & {
  size: number;
  target: Target;
  /** Milliseconds of each request of all rounds. */
  times: number[];
};
type Cell = { filter: string; page: string; atOnce: number; asked: Asked[] };

/**
 * search_runs by every filter, on the first page and the 500th (or the last, where there are fewer), one and eight at once. Each size is
 * warmed up before it is measured. Prints the table; the worst p95 and the worst growth between the sizes count. Beside it stands the
 * worst growth of pages that hold as many runs: one run costs less than twenty, whatever the history.
 */
export async function measureSearch(sizes: readonly Seeded[]): Promise<Row[]> {
  const cells = await cellsOf(sizes);
  for (let round = 0; round < rounds; round += 1) for (const { asked, atOnce } of cells) await measure(asked, atOnce);
  const rows = cells.map(({ asked, ...cell }) => ({
    ...cell,
    p95Ms: Object.fromEntries(asked.map(({ size, times }) => [size, percentile(times, 0.95)])),
    runs: Object.fromEntries(asked.map(({ size, runs }) => [size, runs])),
  }));
  tell(
    rows,
    sizes.map(({ size }) => size),
  );
  return rows;
}

async function cellsOf(sizes: readonly Seeded[]): Promise<Cell[]> {
  const cells: Cell[] = [];
  const [first] = sizes;
  for (const filter of Object.keys(first ? filtersOf(first.seeded) : {})) {
    const pages = await Promise.all(sizes.map((each) => pagesOf(each, filter)));
    for (const page of new Set(pages.flatMap((each) => Object.keys(each))))
      for (const atOnce of [1, 8]) {
        const asked = sizes.flatMap(({ size, target }, index) => {
          const found = pages[index]?.[page];
          return found ? [{ size, target, ...found, times: [] }] : [];
        });
        cells.push({ filter, page, atOnce, asked });
      }
  }
  return cells;
}

/** One round of one cell, after a turn to warm up. */
async function measure(asked: readonly Asked[], atOnce: number): Promise<void> {
  for (const { target, args } of asked) await ask({ target, args, atOnce, count });
  for (let turn = 0; turn < turns; turn += 1)
    for (const { target, args, times } of asked) times.push(...(await ask({ target, args, atOnce, count })));
}

/** @returns milliseconds of each request, to the last byte of its answer. */
async function ask(of: { target: Target; args: object; atOnce: number; count: number }): Promise<number[]> {
  const { target, args, atOnce, count } = of;
  // What is measured is the server: a collection by the client would stop the answers to eight requests, and those of one size more often.
  collectGarbage();
  const times: number[] = [];
  const answers: string[] = [];
  let left = count;
  await Promise.all(
    Array.from({ length: atOnce }, async () => {
      while (left > 0) {
        left -= 1;
        const from = performance.now();
        answers.push(await send(target, 'tools/call', { name: 'search_runs', arguments: args }));
        times.push(performance.now() - from);
      }
    }),
  );
  for (const answer of answers) resultOf(answer);
  return times;
}

/** Arguments of the first page and of the 500th, or of the last where there are fewer, found by going through all of them. */
async function pagesOf({ target, seeded }: Seeded, filter: string): Promise<{ [page: string]: Page }> {
  const filters = filtersOf(seeded)[filter] ?? {};
  let last: Page & { next: string | null } = await pageOf(target, filters);
  const first = last;
  let page = 1;
  for (; page < 500 && last.next !== null; page += 1) last = await pageOf(target, { ...filters, cursor: last.next });
  return { first, ...(page > 1 && { [page === 500 ? '500th' : `last (${page})`]: last }) };
}

type Page = { args: object; runs: number };

async function pageOf(target: Target, args: object): Promise<Page & { next: string | null }> {
  const { runs, nextCursor } = summaries.parse(await callTool(target, 'search_runs', args));
  return { args, runs: runs.length, next: nextCursor };
}

function filtersOf({ workflowId, serverId, rareWorkflowId, rareServerId }: SeededRuns): { [name: string]: object } {
  const at = (daysAgo: number) => new Date(Date.now() - daysAgo * 24 * 3_600_000).toISOString();
  return {
    none: {},
    workflow: { workflowId },
    server: { serverId },
    'status fail': { status: 'fail' },
    'status partial, 1 in 10,000': { status: 'partial' },
    'status error, none': { status: 'error' },
    'trigger manual': { trigger: 'manual' },
    'between two times': { after: at(5), before: at(1) },
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

function tell(rows: readonly Row[], sizes: readonly number[]): void {
  const [small = 0, large = 0] = [sizes[0], sizes.at(-1)];
  const growthOf = ({ p95Ms }: Row) => (p95Ms[large] ?? Number.NaN) / (p95Ms[small] ?? Number.NaN);
  const worstGrowth = (of: readonly Row[]) => Math.max(...of.map(growthOf).filter((value) => !Number.isNaN(value)));
  console.log(`\nsearch_runs, p95 of ${samples} requests in ms, in ${rounds} rounds, the sizes by turns\n`);
  console.log(
    table([
      ['filter', 'page', 'at once', ...sizes.map((size) => `${size} runs`), 'ratio'],
      ...rows.map((row) => [
        row.filter,
        row.page,
        String(row.atOnce),
        ...sizes.map((size) => row.p95Ms[size]?.toFixed(1) ?? '–'),
        Number.isNaN(growthOf(row)) ? '–' : growthOf(row).toFixed(2),
      ]),
    ]),
  );
  const worst = Math.max(...rows.flatMap(({ p95Ms }) => Object.values(p95Ms)));
  const growth = worstGrowth(rows);
  const alike = worstGrowth(rows.filter(({ runs }) => runs[small] === runs[large]));
  const reached = worst <= goals.p95Ms && growth <= goals.growth;
  console.log(
    `\nworst p95 ${worst.toFixed(1)} ms (goal ≤ ${goals.p95Ms}), worst ratio ${growth.toFixed(2)} (goal ≤ ${goals.growth}; ${alike.toFixed(2)} where both sizes answer with as many runs): ${reached ? 'reached' : 'missed'}`,
  );
}

function collectGarbage(): void {
  if (!globalThis.gc) throw new Error('the benchmark has to be run with --expose-gc');
  globalThis.gc({ type: 'minor' });
}
