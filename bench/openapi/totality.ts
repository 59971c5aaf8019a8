/** Every document gives tools or one plain refusal: no throw, no hang, the same bytes twice. */
import { listCorpus, sample } from './corpus.ts';
import { inWorkers, limitsOf, type Outcome } from './in-workers.ts';
import { countBy, printTable } from './report.ts';
import type { Totality } from './totality-worker.ts';

const outcomes = await inWorkers<Totality>(new URL('totality-worker.ts', import.meta.url), sample(listCorpus()));
const read = outcomes.flatMap((outcome) => (outcome.kind === 'done' ? [{ ...outcome, ...outcome.result }] : []));
const made = read.flatMap((each) => ('tools' in each ? [each] : []));
const refused = read.flatMap((each) => ('refusal' in each ? [each] : []));

printTable(
  ['corpus', 'documents', 'with tools', 'refused', 'operations', 'tools', 'refused operations'],
  [...new Set(outcomes.map(({ file }) => file.corpus)), null].map((corpus) => {
    const mine = <T extends { file: { corpus: string } }>(list: readonly T[]) =>
      list.filter(({ file }) => corpus === null || file.corpus === corpus);
    const tools = mine(made).reduce((sum, each) => sum + each.tools, 0);
    const lost = mine(made).reduce((sum, each) => sum + each.refused.length, 0);
    return [corpus ?? 'all', mine(outcomes).length, mine(made).length, mine(refused).length, tools + lost, tools, lost];
  }),
);
printTable(
  ['documents refused', 'count', 'for example'],
  countBy(
    refused,
    ({ refusal }) => refusal,
    ({ message }) => message,
  ),
);
printTable(
  ['operations refused', 'count', 'for example'],
  countBy(
    made.flatMap(({ refused: list }) => list),
    ({ reason }) => reason,
    ({ message }) => message,
  ),
);

const slow = made.filter((each) => each.cpuMs > limitsOf(each.file).cpuMs);
const times = (large: boolean) =>
  made
    .flatMap(({ file, cpuMs }) => (file.bytes > 3 * 1024 * 1024 === large ? [cpuMs] : []))
    .sort((one, two) => one - two);
printTable(
  ['ms of CPU', 'median', 'p99', 'most', 'limit'],
  [false, true].map((large) => {
    const sorted = times(large);
    const at = (share: number) =>
      Math.round(sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0);
    return [large ? 'above 3 MB' : 'up to 3 MB', at(0.5), at(0.99), at(1), large ? 15_000 : 2000];
  }),
);

const wrong: [string, string][] = [
  ...outcomes.flatMap((each: Outcome<Totality>): [string, string][] =>
    each.kind === 'done' ? [] : [[each.file.name, `${each.kind}: ${each.message}`]],
  ),
  ...made.filter(({ same }) => !same).map(({ file }): [string, string] => [file.name, 'not the same bytes twice']),
  ...made
    .filter(({ unexplained }) => unexplained !== 0)
    .map(({ file, unexplained }): [string, string] => [file.name, `${unexplained} operations unexplained`]),
  ...slow.map(({ file, cpuMs }): [string, string] => [file.name, `took ${Math.round(cpuMs)} ms`]),
];
console.log(`${outcomes.length} documents, ${wrong.length} wrong`);
for (const [name, what] of wrong.slice(0, 50)) console.log(`  ${name}: ${what.slice(0, 400)}`);
process.exitCode = wrong.length > 0 ? 1 : 0;
