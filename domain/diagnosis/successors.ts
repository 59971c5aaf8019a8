import type { CatalogToolShape } from '../catalog/diff.ts';
import { minSimilarity, profileOf, splitName, type ToolProfile, toolSimilarity } from '../catalog/tool-similarity.ts';
import { compactJson, toEntries } from '../json/json.ts';

/** What a missing tool is most likely called now. `isSure`: without a doubt, and it does nothing riskier. */
export type Successor = { name: string; similarity: number; isSure: boolean };

type Missing = { name: string; shape: CatalogToolShape | undefined; profile: ToolProfile; twinKey: string | null };
type Pair = {
  missing: Missing;
  tool: CatalogToolShape;
  similarity: number;
  /** Only the name differs. */
  isTwin: boolean;
  /** The description stayed, or the name changed as those of other missing tools did. */
  isKin: boolean;
  isNew: boolean;
};

/** Beside a missing tool, others are less likely its successor. */
const knownFactor = 0.6;
const clearMargin = 0.1;
/**
 * Missing tools that every tool is compared with. With more of them that have no twin, the server is a different one.
 */
const maxCompared = 50;

/**
 * Finds successors of missing tools, each tool for at most one of them.
 * @param of.known names of the tools that existed beside the missing ones
 * @param of.used names that the workflow uses, which have a meaning of their own
 */
export function findSuccessors(
  names: readonly string[],
  of: {
    shapeOf(name: string): CatalogToolShape | undefined;
    tools: readonly CatalogToolShape[];
    known: ReadonlySet<string>;
    used: ReadonlySet<string>;
  },
): Map<string, Successor> {
  const candidates = of.tools.map((tool) => ({ tool, profile: profileOf(tool.name, tool), key: twinKeyOf(tool) }));
  // A tool that the workflow used beside the missing one is another tool.
  const isOther = (name: string) => of.used.has(name) && (of.known.size === 0 || of.known.has(name));
  const isCandidate = (name: string, shape: CatalogToolShape | undefined, tool: CatalogToolShape) =>
    tool.name !== name && !(shape && isOther(tool.name));
  const all = names.map((name): Missing => {
    const shape = of.shapeOf(name);
    return { name, shape, profile: profileOf(name, shape), twinKey: shape ? twinKeyOf(shape) : null };
  });
  // One tool that disappeared and one new tool that differ in their names alone are found without a comparison.
  const gone = Map.groupBy(all, ({ twinKey }) => twinKey);
  const came = Map.groupBy(
    candidates.filter(({ tool }) => !of.known.has(tool.name)),
    ({ key }) => key,
  );
  const found = new Map<string, Successor>();
  const taken = new Set<string>();
  for (const { name, shape, profile, twinKey } of all) {
    const [twin, ...others] = came.get(twinKey) ?? [];
    if (twinKey === null || !twin || others.length > 0 || gone.get(twinKey)?.length !== 1) continue;
    if (!isCandidate(name, shape, twin.tool)) continue;
    taken.add(twin.tool.name);
    found.set(name, {
      name: twin.tool.name,
      similarity: round(toolSimilarity(profile, twin.profile)),
      isSure: !isRiskier({ name, shape }, twin.tool),
    });
  }
  const left = all.filter(({ name }) => !found.has(name)).slice(0, maxCompared);
  const affixes = sharedAffixes(new Set([...names.slice(0, maxCompared), ...left.map(({ name }) => name)]), of);
  const pairs = left.flatMap((missing): Pair[] => {
    const { name, shape } = missing;
    return candidates.flatMap(({ tool, profile, key }) => {
      const isNew = !of.known.has(tool.name);
      if (!isCandidate(name, shape, tool)) return [];
      const isTwin = isNew && key !== null && key === missing.twinKey;
      const isKin =
        isNew && shape !== undefined && (isDescribedAlike(shape, tool) || affixes.has(affixOf(name, tool.name)));
      const similarity = toolSimilarity(missing.profile, profile) * (isNew || !shape ? 1 : knownFactor);
      return similarity >= minSimilarity || isTwin || isKin
        ? [{ missing, tool, similarity, isTwin, isKin, isNew }]
        : [];
    });
  });
  const fresh = of.tools.filter((tool) => !of.known.has(tool.name) && !isOther(tool.name));
  const isOnlyOne = names.length === 1 && fresh.length === 1;
  const byMissing = Map.groupBy(pairs, ({ missing }) => missing.name);
  const rank = ({ isTwin, isKin }: Pair) => (isTwin ? 2 : isKin ? 1 : 0);
  const ordered = pairs.toSorted((a, b) => rank(b) - rank(a) || b.similarity - a.similarity);
  for (const pair of ordered) {
    const { missing, tool, similarity } = pair;
    if (found.has(missing.name) || taken.has(tool.name)) continue;
    taken.add(tool.name);
    const rivals = (byMissing.get(missing.name) ?? []).filter((each) => each !== pair);
    found.set(missing.name, {
      name: tool.name,
      similarity: round(similarity),
      isSure: isClear(pair, { rivals, isOnlyOne }) && !isRiskier(missing, tool),
    });
  }
  return found;
}

const round = (similarity: number): number => Math.round(similarity * 100) / 100;

function isClear(pair: Pair, { rivals, isOnlyOne }: { rivals: readonly Pair[]; isOnlyOne: boolean }): boolean {
  if (pair.isTwin) return !rivals.some(({ isTwin }) => isTwin);
  const best = Math.max(0, ...rivals.map(({ similarity }) => similarity));
  const isAhead = pair.similarity - best >= clearMargin;
  // A name that never existed is most likely misspelled.
  if (!pair.missing.shape) return pair.similarity >= 0.8 && isAhead;
  if (pair.isKin) return !rivals.some(({ isTwin, isKin }) => isTwin || isKin);
  return pair.isNew && (isOnlyOne || (pair.similarity >= 0.7 && isAhead));
}

const isDescribedAlike = (one: CatalogToolShape, other: CatalogToolShape): boolean =>
  Boolean(one.description) && one.description === other.description;

/** What a new name has before or after the old one, such as `shop_…`; empty where it doesn't contain it. */
function affixOf(name: string, other: string): string {
  if (other.endsWith(name)) return `${other.slice(0, -name.length)}…`;
  return other.startsWith(name) ? `…${other.slice(name.length)}` : '';
}

/** Affixes that several missing tools have got: a rule that all of them follow. */
function sharedAffixes(
  names: ReadonlySet<string>,
  { tools, known }: { tools: readonly CatalogToolShape[]; known: ReadonlySet<string> },
): ReadonlySet<string> {
  const fresh = new Set(tools.map(({ name }) => name).filter((name) => !known.has(name)));
  const affixes = [...names].flatMap((name) => [...new Set([...fresh].map((other) => affixOf(name, other)))]);
  const counts = Map.groupBy(affixes, (affix) => affix);
  return new Set([...counts].flatMap(([affix, all]) => (affix !== '' && all.length > 1 ? [affix] : [])));
}

/** Equal for two tools that differ in their names alone; null for a tool without a description. */
function twinKeyOf({ description, inputSchema }: CatalogToolShape): string | null {
  return description ? `${description}\n${compactJson(inputSchema)}` : null;
}

const harm =
  'delete remove cancel refund destroy drop purge wipe erase revoke terminate kill void clear reset archive disable pay charge transfer send';
const harmful: ReadonlySet<string> = new Set(harm.split(' '));

/** Whether the new tool may do harm that the old one didn't. */
function isRiskier({ name, shape }: Pick<Missing, 'name' | 'shape'>, tool: CatalogToolShape): boolean {
  const hint = (of: CatalogToolShape | undefined, key: string) => toEntries(of?.annotations)?.get(key);
  if (hint(tool, 'destructiveHint') === true && hint(shape, 'destructiveHint') !== true) return true;
  if (hint(shape, 'readOnlyHint') === true && hint(tool, 'readOnlyHint') === false) return true;
  const before = splitName(name);
  return [...splitName(tool.name)].some((word) => harmful.has(word) && !before.has(word));
}
