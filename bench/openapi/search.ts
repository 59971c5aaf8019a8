/** Search finds the operation that a person means, and a list in search mode is short. */

import { type ApiTool, listTools, readDocument, searchIndex, searchModeTools } from '../../domain/openapi/index.ts';
import { estimateTokens } from '../../domain/openapi/tool/tokens.ts';
import { listCorpus, readCorpusFile } from './corpus.ts';
import { printTable } from './report.ts';
import { heldOut } from './search-held-out.ts';
import { moreTasks } from './search-more-tasks.ts';
import { type Task, tasks } from './search-tasks.ts';

const shown = 5;
const files = listCorpus();
const documents = new Map<string, ApiTool[]>();

const results = [
  ['tuned to', tasks],
  ['improved by', moreTasks],
  ['held out', heldOut],
] as const;
const rows = results.flatMap(([set, list]) => list.map(({ document, tasks: wanted }) => run(set, document, wanted)));
printTable(
  ['tasks', 'document', 'operations', 'count', 'first', 'among the first five', 'tokens of tools/list'],
  rows.map(({ set, name, operations, count, first, right, tokens }) => [
    set,
    name,
    operations,
    count,
    first,
    right,
    tokens,
  ]),
);
for (const [set] of results) {
  const mine = rows.filter((each) => each.set === set);
  const sum = (of: (row: (typeof rows)[number]) => number) => mine.reduce((total, row) => total + of(row), 0);
  const [right, count] = [sum((row) => row.right), sum((row) => row.count)];
  console.log(`${set}: ${right} of ${count} tasks (${Math.round((100 * right) / count)} %) among the first five`);
  for (const line of mine.flatMap(({ missed }) => missed)) console.log(`  ${line}`);
  if (set === 'held out' && right / count < 0.9) process.exitCode = 1;
}
if (rows.some(({ tokens }) => tokens > 1500)) process.exitCode = 1;

function run(set: string, name: string, wanted: readonly Task[]) {
  const tools = toolsOf(name);
  const index = searchIndex(tools);
  const missed: string[] = [];
  const ranks = wanted.map(([query, ...keys]) => {
    for (const key of keys) if (!tools.some((tool) => tool.key === key)) throw new Error(`${name} has no ${key}`);
    const found = index.search(query, shown).map(({ tool }) => tool.key);
    const rank = found.findIndex((key) => keys.includes(key));
    if (rank === -1) missed.push(`${name}: “${query}” found ${found.join(', ')}`);
    return rank;
  });
  const within = (most: number) => ranks.filter((rank) => rank !== -1 && rank < most).length;
  const tokens = estimateTokens(JSON.stringify(searchModeTools(tools)).length);
  return {
    set,
    name,
    operations: tools.length,
    count: wanted.length,
    first: within(1),
    right: within(shown),
    tokens,
    missed,
  };
}

function toolsOf(name: string): ApiTool[] {
  const known = documents.get(name);
  if (known) return known;
  const read = readDocument(readCorpusFile(files.find((each) => each.name === name)?.path ?? ''));
  if ('refusal' in read) throw new Error(`${name}: ${read.refusal.message}`);
  const { tools } = listTools(read.document);
  documents.set(name, tools);
  return tools;
}
