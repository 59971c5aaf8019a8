import { mkdirSync, writeFileSync } from 'node:fs';
import { availableParallelism, cpus, loadavg } from 'node:os';
import { z } from 'zod';
import { root } from '../api/rest/mount.ts';
import { formatTable, percentile } from './figures.ts';
import { startInstallation } from './mcp/mcp.ts';
import { createFilters } from './mcp/search.ts';

const size = Number(process.env.ARMATURE_BENCH_SIZES ?? 1_000_000);
const samples = 200;
const warmUp = 20;
/** The 500th page of 50 rows is as deep as people page; of 200 rows, it is the 100,000th run. */
const deepPage = 500;
const goalMs = 50;

const page = z.object({ rows: z.array(z.unknown()), nextCursor: z.string().nullable() });
type Row = { filter: string; page: string; rows: number; p50Ms: number; p95Ms: number };

/**
 * Measures `GET /runs` over a million runs: each filter, the first page and the 500th or the last, one request at a
 * time, to the last byte. Prints a table and writes it to bench/results/rest.json.
 */
export async function benchRest(): Promise<void> {
  console.log(`Node ${process.version}, ${availableParallelism()} cores (${cpus()[0]?.model.trim() ?? 'unknown'})`);
  const { stack, target, seeded } = await startInstallation(size);
  try {
    const url = target.url.replace(/\/api\/mcp$/, root);
    const read = async (query: { [name: string]: unknown }) => {
      const texts = Object.entries(query).map(([name, value]) => [name, String(value)]);
      const response = await fetch(`${url}/runs?${new URLSearchParams(texts)}`, {
        headers: { authorization: `Bearer ${target.key}` },
      });
      const text = await response.text();
      if (!response.ok) throw new Error(text);
      return text;
    };
    const filters: { [name: string]: object } = {
      ...createFilters(seeded),
      'page of 200': { limit: 200 },
      'text in a name': { search: 'Workflow 7' },
      'text, none': { search: 'nothing has this' },
    };
    // Without it, the list shows a day.
    const always = { after: '2000-01-01T00:00:00Z' };
    const rows: Row[] = [];
    for (const [filter, given] of Object.entries(filters))
      for (const [name, query] of await findPages(read, { ...always, ...given }))
        rows.push({ filter, page: name, ...(await measure(read, query)) });
    report(rows);
  } finally {
    await stack.close();
  }
}

type Read = (query: { [name: string]: unknown }) => Promise<string>;

async function findPages(read: Read, query: object): Promise<[string, { [name: string]: unknown }][]> {
  const pages: [string, { [name: string]: unknown }][] = [['first', { ...query }]];
  let number = 1;
  let last: { [name: string]: unknown } = { ...query };
  for (; number < deepPage; number += 1) {
    const { nextCursor } = page.parse(JSON.parse(await read(last)));
    if (nextCursor === null) break;
    last = { ...query, cursor: nextCursor };
  }
  if (number > 1) pages.push([number === deepPage ? '500th' : `last (${number})`, last]);
  return pages;
}

async function measure(read: Read, query: { [name: string]: unknown }): Promise<Omit<Row, 'filter' | 'page'>> {
  for (let turn = 0; turn < warmUp; turn += 1) await read(query);
  const times: number[] = [];
  let text = '';
  for (let turn = 0; turn < samples; turn += 1) {
    const from = performance.now();
    text = await read(query);
    times.push(performance.now() - from);
  }
  const { rows } = page.parse(JSON.parse(text));
  return { rows: rows.length, p50Ms: percentile(times, 0.5), p95Ms: percentile(times, 0.95) };
}

function report(rows: readonly Row[]): void {
  const load = loadavg().map((value) => value.toFixed(1));
  console.log(
    `\nGET /runs over ${size} runs, ${samples} requests each, in ms; load of the machine ${load.join(', ')}\n`,
  );
  console.log(
    formatTable([
      ['filter', 'page', 'rows', 'p50', 'p95'],
      ...rows.map((row) => [row.filter, row.page, String(row.rows), row.p50Ms.toFixed(1), row.p95Ms.toFixed(1)]),
    ]),
  );
  const worst = Math.max(...rows.map(({ p95Ms }) => p95Ms));
  console.log(`\nWorst p95 ${worst.toFixed(1)} ms (goal ≤ ${goalMs}): ${worst <= goalMs ? 'reached' : 'missed'}`);
  mkdirSync('bench/results', { recursive: true });
  const results = { at: new Date().toISOString(), cores: availableParallelism(), load: loadavg(), size, rows };
  writeFileSync('bench/results/rest.json', `${JSON.stringify(results, null, 2)}\n`);
}
