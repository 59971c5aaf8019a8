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
  const profile = profileOf(missing.name, missing.tool);
  for (const candidate of candidates.slice(0, maxCandidates)) {
    if (candidate.name === missing.name) continue;
    const similarity =
      toolSimilarity(profile, profileOf(candidate.name, candidate)) * (known.has(candidate.name) ? 0.6 : 1);
    if (similarity >= minSimilarity && similarity > (best?.similarity ?? 0))
      best = { name: candidate.name, similarity: Math.round(similarity * 100) / 100 };
  }
  return best;
}

/** The existing name that a misspelled one is most likely meant to be. */
export function nearestName(name: string, names: Iterable<string>): string | null {
  let best: { name: string; similarity: number } | null = null;
  for (const each of names) {
    const similarity = nameSimilarity(name, each);
    if (each !== name && similarity >= minSimilarity && similarity > (best?.similarity ?? 0))
      best = { name: each, similarity };
  }
  return best?.name ?? null;
}

/** What similarity is computed from, read once for each tool. `features` are null where only the name is known. */
export type ToolProfile = {
  name: NameProfile;
  features: ReadonlySet<string> | null;
  words: ReadonlySet<string>;
};
type NameProfile = { letters: string; words: ReadonlySet<string> };

export const profileOf = (name: string, tool: CatalogToolShape | undefined): ToolProfile => ({
  name: profileOfName(name),
  features: tool ? listFeatures(tool.inputSchema) : null,
  words: splitText(tool?.description ?? ''),
});

/** 0 to 1. If only the name of one is known, the name decides. */
export function toolSimilarity(one: ToolProfile, other: ToolProfile): number {
  const byName = compareNames(one.name, other.name);
  if (!one.features || !other.features) return byName;
  const bySchema = overlap(one.features, other.features);
  if (one.words.size === 0 || other.words.size === 0) return 0.55 * byName + 0.45 * bySchema;
  return 0.4 * byName + 0.35 * bySchema + 0.25 * overlap(one.words, other.words);
}

/**
 * The higher of two similarities: by letters (`get_order`, `getOrder`) and by words (`create_order`, `order_create`).
 */
export const nameSimilarity = (one: string, other: string): number =>
  compareNames(profileOfName(one), profileOfName(other));

const profileOfName = (name: string): NameProfile => ({
  letters: name.slice(0, maxNameLength).toLowerCase(),
  words: splitName(name),
});

function compareNames(one: NameProfile, other: NameProfile): number {
  const longer = Math.max(one.letters.length, other.letters.length, 1);
  return Math.max(1 - distance(one.letters, other.letters) / longer, overlap(one.words, other.words));
}

/** `createOrder`, `create_order`, `create-order` → create, order. */
export const splitName = (name: string): Set<string> =>
  new Set(
    name
      .slice(0, maxNameLength)
      .replace(/([a-z\d])([A-Z])/g, '$1 $2')
      .toLowerCase()
      .split(/[^a-z\d]+/)
      .filter((word) => word !== ''),
  );

export const splitText = (text: string): Set<string> =>
  new Set(
    text
      .slice(0, 2000)
      .toLowerCase()
      .split(/[^\p{L}\d]+/u)
      .filter((word) => word.length > 2),
  );

/** Shared parts ÷ all parts. Two empty sets are alike. */
export function overlap(one: ReadonlySet<string>, other: ReadonlySet<string>): number {
  let shared = 0;
  for (const part of one) if (other.has(part)) shared += 1;
  const all = one.size + other.size - shared;
  return all === 0 ? 1 : shared / all;
}

/** The names and types of properties, and which are required. */
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
