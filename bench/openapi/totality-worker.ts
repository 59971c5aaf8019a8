import { createHash } from 'node:crypto';
import { methods } from '../../domain/openapi/document/strip.ts';
import { listTools, readDocument, searchIndex } from '../../domain/openapi/index.ts';
import { readCorpusFile } from './corpus.ts';
import { serve } from './in-workers.ts';

export type Totality =
  | { refusal: string; message: string }
  | {
      tools: number;
      refused: { reason: string; message: string }[];
      unexplained: number;
      same: boolean;
      cpuMs: number;
    };

await serve((path): Totality => {
  const text = readCorpusFile(path);
  const { user: before } = process.threadCpuUsage();
  const one = make(text);
  const cpuMs = (process.threadCpuUsage().user - before) / 1000;
  if ('refusal' in one) return one;
  const two = make(text);
  const { hash, ...rest } = one;
  return { ...rest, same: 'hash' in two && two.hash === hash, cpuMs };
});

type Made =
  | { refusal: string; message: string }
  | { tools: number; refused: { reason: string; message: string }[]; unexplained: number; hash: string };

function make(text: string): Made {
  const read = readDocument(text);
  if ('refusal' in read) return { refusal: read.refusal.reason, message: read.refusal.message };
  const { tools, refused, ...rest } = listTools(read.document);
  searchIndex(tools).search('create a user');
  const hash = createHash('sha256');
  for (const tool of tools) hash.update(JSON.stringify(tool));
  hash.update(JSON.stringify([refused, rest]));
  const operations = countOperations(read.document.root.paths);
  return {
    tools: tools.length,
    refused: refused.map(({ reason, message }) => ({ reason, message })),
    unexplained: operations - tools.length - refused.length,
    hash: hash.digest('hex'),
  };
}

/** Operations as the document has them, counted without the code that reads them. */
function countOperations(paths: unknown): number {
  const names: readonly string[] = methods;
  return Object.values(Object(paths)).reduce<number>((sum, item) => {
    const node: object = Object(item);
    const refers = '$ref' in node ? 1 : 0;
    return sum + Math.max(refers, Object.keys(node).filter((key) => names.includes(key)).length);
  }, 0);
}
