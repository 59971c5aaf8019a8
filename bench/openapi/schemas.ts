/** Every input schema compiles, names are valid and unique, and no credential is left among the arguments. */
import { listCorpus, sample } from './corpus.ts';
import { inWorkers } from './in-workers.ts';
import { printTable } from './report.ts';
import type { Schemas } from './schemas-worker.ts';

const outcomes = await inWorkers<Schemas>(new URL('schemas-worker.ts', import.meta.url), sample(listCorpus()));
const done = outcomes.flatMap((each) => (each.kind === 'done' ? [{ ...each.result, file: each.file }] : []));
const sum = (count: (each: Schemas) => number): number => done.reduce((total, each) => total + count(each), 0);

printTable(
  ['documents', 'tools', 'compiled whole', 'compiled by definition', 'credentials left out', 'wrong'],
  [
    [
      done.length,
      sum(({ tools }) => tools),
      sum(({ tools, large }) => tools - large),
      sum(({ large }) => large),
      sum(({ credentials }) => credentials),
      sum(({ problems }) => problems.length),
    ],
  ],
);
const wrong = [
  ...outcomes.flatMap((each) => (each.kind === 'done' ? [] : [`${each.file.name}: ${each.kind} ${each.message}`])),
  ...done.flatMap(({ file, problems }) => problems.map((problem) => `${file.name}: ${problem}`)),
];
for (const line of wrong.slice(0, 60)) console.log(`  ${line.slice(0, 300)}`);
process.exitCode = wrong.length > 0 ? 1 : 0;
