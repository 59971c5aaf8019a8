/** Search finds the operation that a person means, and a list in search mode is short. */

import { listTools, readDocument, searchIndex, searchModeTools } from '../../domain/openapi/index.ts';
import { estimateTokens } from '../../domain/openapi/tool/tokens.ts';
import { listCorpus, readCorpusFile } from './corpus.ts';
import { printTable } from './report.ts';
import { tasks } from './search-tasks.ts';

const shown = 5;
const files = listCorpus();
const rows: [string, number, number, number, number, number][] = [];
const missed: string[] = [];

for (const { document: name, tasks: wanted } of tasks) {
  const file = files.find((each) => each.name === name);
  const read = readDocument(readCorpusFile(file?.path ?? ''));
  if ('refusal' in read) throw new Error(`${name}: ${read.refusal.message}`);
  const { tools } = listTools(read.document);
  const index = searchIndex(tools);
  const ranks = wanted.map(([query, ...keys]) => {
    for (const key of keys) if (!tools.some((tool) => tool.key === key)) throw new Error(`${name} has no ${key}`);
    const found = index.search(query, shown).map(({ tool }) => tool.key);
    const rank = found.findIndex((key) => keys.includes(key));
    if (rank === -1) missed.push(`${name}: “${query}” found ${found.join(', ')}`);
    return rank;
  });
  const within = (most: number) => ranks.filter((rank) => rank !== -1 && rank < most).length;
  const tokens = estimateTokens(JSON.stringify(searchModeTools(tools)).length);
  rows.push([name, tools.length, wanted.length, within(1), within(shown), tokens]);
}

printTable(['document', 'operations', 'tasks', 'first', 'among the first five', 'tokens of tools/list'], rows);
const total = rows.reduce((sum, [, , count]) => sum + count, 0);
const right = rows.reduce((sum, [, , , , count]) => sum + count, 0);
console.log(`${right} of ${total} tasks (${Math.round((100 * right) / total)} %) among the first five`);
for (const line of missed) console.log(`  ${line}`);
process.exitCode = right / total >= 0.9 && rows.every(([, , , , , tokens]) => tokens <= 1500) ? 0 : 1;
