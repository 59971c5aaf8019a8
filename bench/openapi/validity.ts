/** What a second parser says of the documents: every one that it takes must give tools. */
import { listCorpus, sample } from './corpus.ts';
import { inWorkers } from './in-workers.ts';
import { countBy, printTable } from './report.ts';
import type { Validity } from './validity-worker.ts';

const most = 3 * 1024 * 1024;
const files = sample(listCorpus()).filter(({ bytes }) => bytes <= most);
const outcomes = await inWorkers<Validity>(new URL('validity-worker.ts', import.meta.url), files);
const done = outcomes.flatMap((each) => (each.kind === 'done' ? [{ ...each.result, name: each.file.name }] : []));
const count = (ours: boolean, theirs: boolean) =>
  done.filter((each) => (each.ours === null) === ours && (each.theirs === null) === theirs).length;

printTable(
  ['documents', '@readme/openapi-parser: valid', 'not valid'],
  [
    ['all operations are tools', count(true, true), count(true, false)],
    ['the document, or some of its operations, refused', count(false, true), count(false, false)],
  ],
);
const theirs = ({ theirs: why }: Validity) => (why ?? '').split('\n', 1)[0]?.replace(/[`“"'/].*/, '…') ?? '';
printTable(
  ['refused here, valid there', 'count', 'for example'],
  countBy(
    done.filter((each) => each.ours !== null && each.theirs === null),
    (each) => each.ours ?? '',
    ({ name }) => name,
  ),
);
printTable(
  ['tools here, not valid there', 'count', 'for example'],
  countBy(
    done.filter((each) => each.ours === null && each.theirs !== null),
    theirs,
    ({ name }) => name,
  ),
);
const lost = outcomes.filter(({ kind }) => kind !== 'done');
for (const each of lost) console.log(`  ${each.file.name}: ${each.kind}`);
