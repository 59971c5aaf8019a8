import MiniSearch from 'minisearch';
import type { ApiTool } from '../tool/tool.ts';
import { toWords } from './words.ts';

export type FoundOperation = { tool: ApiTool; score: number };

export type OperationSearch = { search(query: string, limit?: number): FoundOperation[] };

const maxQueryLength = 500;
const defaultLimit = 5;

const verbs: ReadonlyMap<string, string> = new Map([
  ['POST', 'create'],
  ['PUT', 'update'],
  ['PATCH', 'update'],
  ['DELETE', 'delete'],
  ['GET', 'get list'],
]);

/** Finds operations by words (BM25): no model, the same answer every time. */
export function searchIndex(tools: readonly ApiTool[]): OperationSearch {
  const index = new MiniSearch<{ id: number; [field: string]: unknown }>({
    fields: ['name', 'path', 'summary', 'tags', 'description', 'parameters', 'verb'],
    tokenize: toWords,
    processTerm: (term) => term,
  });
  index.addAll(tools.map(toEntry));
  return {
    search(query, limit = defaultLimit) {
      const found = index.search(query.slice(0, maxQueryLength), {
        boost: { name: 3, summary: 3, path: 2, tags: 1.5, verb: 1, description: 1, parameters: 0.5 },
        prefix: (term) => term.length > 3,
        fuzzy: (term) => (term.length > 5 ? 0.15 : false),
        weights: { fuzzy: 0.3, prefix: 0.5 },
      });
      return found
        .map(({ id, score }) => ({ id: Number(id), score }))
        .sort((one, two) => two.score - one.score || one.id - two.id)
        .slice(0, limit)
        .flatMap(({ id, score }) => {
          const tool = tools[id];
          return tool ? [{ tool, score }] : [];
        });
    },
  };
}

function toEntry(tool: ApiTool, id: number) {
  const { name, summary, description, tags, plan } = tool;
  return {
    id,
    name: name.replaceAll('_', ' '),
    path: plan.path,
    summary,
    description,
    tags: tags.join(' '),
    verb: verbs.get(plan.method) ?? '',
    parameters: Object.keys(tool.inputSchema.properties).join(' '),
  };
}
