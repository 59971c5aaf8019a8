import { distance } from 'fastest-levenshtein';
import { declaredTypes, openSchema, requiredNames, schemaMap } from '../schema/node.ts';
import type { CatalogToolShape } from './diff.ts';

export type NearestTool = {
  name: string;
  /** 0 to 1. */
  similarity: number;
};

/** Below this, two tools have too little in common to be the same tool under two names. */
export const minSimilarity = 0.5;

const maxNameLength = 100;

const maxProperties = 200;

const maxCandidates = 500;

/**
 * The most likely successor of a missing tool, by name and, where they are known, by input schema and description.
 * Tools that existed beside the missing one (`known`) are less likely. Null when none is similar enough.
 */
export function nearestTool(
  missing: { name: string; tool?: CatalogToolShape | undefined },
  candidates: readonly CatalogToolShape[],
  known: ReadonlySet<string> = new Set(),
): NearestTool | null {
  let best: NearestTool | null = null;
  for (const candidate of candidates.slice(0, maxCandidates)) {
    if (candidate.name === missing.name) continue;
    const similarity = toolSimilarity(missing, candidate) * (known.has(candidate.name) ? 0.6 : 1);
    if (similarity >= minSimilarity && similarity > (best?.similarity ?? 0))
      best = { name: candidate.name, similarity: Math.round(similarity * 100) / 100 };
  }
  return best;
}

/** 0 to 1. If only the name of the missing tool is known, the name decides. */
function toolSimilarity(
  { name, tool }: { name: string; tool?: CatalogToolShape | undefined },
  candidate: CatalogToolShape,
): number {
  const byName = nameSimilarity(name, candidate.name);
  if (!tool) return byName;
  const bySchema = schemaSimilarity(tool.inputSchema, candidate.inputSchema);
  const described = tool.description && candidate.description;
  if (!described) return 0.55 * byName + 0.45 * bySchema;
  const byText = overlap(splitText(tool.description ?? ''), splitText(candidate.description ?? ''));
  return 0.4 * byName + 0.35 * bySchema + 0.25 * byText;
}

/**
 * The higher of two similarities: by letters (`get_order`, `getOrder`) and by words (`create_order`, `order_create`).
 */
export function nameSimilarity(one: string, other: string): number {
  const [a, b] = [one.slice(0, maxNameLength).toLowerCase(), other.slice(0, maxNameLength).toLowerCase()];
  const letters = 1 - distance(a, b) / Math.max(a.length, b.length, 1);
  return Math.max(letters, overlap(splitName(one), splitName(other)));
}

/** `createOrder`, `create_order`, `create-order` → create, order. */
const splitName = (name: string): Set<string> =>
  new Set(
    name
      .slice(0, maxNameLength)
      .replace(/([a-z\d])([A-Z])/g, '$1 $2')
      .toLowerCase()
      .split(/[^a-z\d]+/)
      .filter((word) => word !== ''),
  );

const splitText = (text: string): Set<string> =>
  new Set(
    text
      .slice(0, 2000)
      .toLowerCase()
      .split(/[^\p{L}\d]+/u)
      .filter((word) => word.length > 2),
  );

/** Shared parts ÷ all parts. Two empty sets are alike. */
function overlap(one: ReadonlySet<string>, other: ReadonlySet<string>): number {
  const all = new Set([...one, ...other]);
  if (all.size === 0) return 1;
  return [...one].filter((part) => other.has(part)).length / all.size;
}

/** By the names and types of properties, and by which are required. */
function schemaSimilarity(one: unknown, other: unknown): number {
  return overlap(listFeatures(one), listFeatures(other));
}

function listFeatures(schema: unknown): Set<string> {
  const node = openSchema(schema, schema);
  if (!node) return new Set();
  const required = requiredNames(node);
  return new Set(
    [...schemaMap(node, 'properties')].slice(0, maxProperties).flatMap(([name, property]) => {
      const open = openSchema(property, schema);
      const types = (open && declaredTypes(open)) ?? ['any'];
      return [name, `${name}:${[...types].sort().join()}`, ...(required.has(name) ? [`${name} required`] : [])];
    }),
  );
}
