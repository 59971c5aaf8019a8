import MiniSearch from 'minisearch';
import type { ApiTool } from '../tool/tool.ts';
import { toQuery, toWords } from './words.ts';

export type FoundOperation = { tool: ApiTool; score: number };

export type OperationSearch = { search(query: string, limit?: number): FoundOperation[] };

const maxQueryLength = 500;
const defaultLimit = 5;
const maxDescriptionLength = 300;
/** What a word that means the same counts, beside the word itself. */
const synonymWeight = 0.7;
/** What each further level of a path takes: most look for the thing itself, not for a part of it. */
const depthWeight = 0.12;

const boost = {
  resource: 4,
  verb: 2.5,
  name: 2,
  summary: 2,
  says: 3,
  path: 1,
  tags: 1,
  description: 0.4,
  parameters: 0.4,
};

/** Finds operations by words (BM25): no model, the same answer every time. */
export function searchIndex(tools: readonly ApiTool[]): OperationSearch {
  const index = new MiniSearch<{ id: number; [field: string]: unknown }>({
    fields: Object.keys(boost),
    tokenize: toWords,
    processTerm: (term) => term,
  });
  index.addAll(tools.map(toEntry));
  return {
    search(query, limit = defaultLimit) {
      const words = toQuery(query.slice(0, maxQueryLength));
      const scores = new Map<number, { score: number; met: number }>();
      for (const alternatives of words) addScores(scores, scoreWord(index, alternatives));
      return [...scores]
        .flatMap(([id, { score, met }]) => {
          const tool = tools[id];
          if (!tool) return [];
          const levels = tool.plan.path.split('/').filter((part) => part !== '' && !part.startsWith('{')).length;
          return [{ id, tool, score: (score * (met / words.length)) / (1 + depthWeight * levels) }];
        })
        .sort((one, two) => two.score - one.score || one.id - two.id)
        .slice(0, limit)
        .map(({ tool, score }) => ({ tool, score }));
    },
  };
}

type Index = MiniSearch<{ id: number; [field: string]: unknown }>;

/** What a word or one that means the same gives each operation: the best of them. */
function scoreWord(index: Index, alternatives: readonly string[]): Map<number, number> {
  const best = new Map<number, number>();
  for (const [at, word] of alternatives.entries()) {
    const weight = at === 0 ? 1 : synonymWeight;
    const found = index.search(word, { boost, prefix: word.length > 4, fuzzy: word.length > 5 ? 0.15 : false });
    for (const { id, score } of found) best.set(Number(id), Math.max(best.get(Number(id)) ?? 0, score * weight));
  }
  return best;
}

function addScores(scores: Map<number, { score: number; met: number }>, word: ReadonlyMap<number, number>): void {
  for (const [id, score] of word) {
    const before = scores.get(id) ?? { score: 0, met: 0 };
    scores.set(id, { score: before.score + score, met: before.met + 1 });
  }
}

function toEntry(tool: ApiTool, id: number) {
  const { name, summary, description, tags, plan } = tool;
  const parts = plan.path.split(/[/?#]/).filter((part) => part !== '');
  const { first, rest } = splitDescription(summary, description);
  const fixed = parts.filter((part) => !part.startsWith('{'));
  return {
    id,
    name: name.replaceAll('_', ' '),
    path: fixed.join(' '),
    // What it is about: the last name of the path, or the last two where the last is what is done to the other.
    resource: fixed.slice(parts.at(-1)?.startsWith('{') || fixed.length < 2 ? -1 : -2).join(' '),
    verb: verbOf(plan.method, parts.at(-1)?.startsWith('{') === true),
    summary,
    says: first,
    tags: tags.join(' '),
    description: rest.slice(0, maxDescriptionLength),
    parameters: Object.keys(tool.inputSchema.properties).join(' '),
  };
}

/** The first sentence of a description, which says most, and the rest; without the summary and markup. */
function splitDescription(summary: string, description: string): { first: string; rest: string } {
  const own = summary !== '' && description.startsWith(summary) ? description.slice(summary.length) : description;
  const plain = own
    .replace(/<[^<>]{0,500}>/g, ' ')
    .replace(/\]\([^()]{0,500}\)|https?:\/\/\S+/g, ' ')
    .trim();
  const end = /[.!?](?=\s)|\n/.exec(plain)?.index ?? plain.length;
  return { first: plain.slice(0, end), rest: plain.slice(end) };
}

/** What a method does to one thing, or to all of a kind. */
function verbOf(method: string, isOne: boolean): string {
  if (method === 'GET' || method === 'HEAD') return isOne ? 'get' : 'list get';
  if (method === 'DELETE') return 'delete cancel';
  if (method === 'POST') return isOne ? 'update' : 'create';
  return isOne ? 'update' : 'update create';
}
