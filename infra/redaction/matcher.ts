import type { Pattern } from './spellings.ts';

/** A found spelling. It counts if nothing but masked text or the end of a token is on both sides. */
export type Match = { start: number; end: number; beginsToken: boolean; endsToken: boolean };

/**
 * Creates a function that finds all patterns in a text in one pass, whatever the patterns are (Aho and Corasick). Upper
 * and lower case are the same, and so are space and `+`, which forms send for it.
 */
export function createMatcher(patterns: readonly Pattern[]): (text: string) => Match[] {
  const trie = buildTrie(patterns);
  const { units, firstChild, nextSibling, fail, longest, shorter, roots, ends } = trie;
  const child = (node: number, unit: number): number => {
    if (node === 0 && unit < roots.length) return roots[unit] ?? 0;
    let next = firstChild[node] ?? 0;
    while (next !== 0 && units[next] !== unit) next = nextSibling[next] ?? 0;
    return next;
  };

  return (text) => {
    const matches: Match[] = [];
    let node = 0;
    for (let at = 0; at < text.length; at++) {
      const unit = fold(text.charCodeAt(at));
      let next = child(node, unit);
      while (next === 0 && node !== 0) {
        node = fail[node] ?? 0;
        next = child(node, unit);
      }
      node = next;
      for (let found = longest[node] ?? 0; found !== 0; found = shorter[found] ?? 0) {
        const pattern = ends.get(found);
        if (!pattern) continue;
        const [start, end] = [at + 1 - pattern.text.length, at + 1];
        matches.push({
          start: start - (pattern.before > 0 && isBase64(text.charCodeAt(start - 1)) ? 1 : 0),
          end: end + (pattern.after > 0 && isBase64(text.charCodeAt(end)) ? 1 : 0),
          beginsToken: !pattern.isToken || !isWithinWord(text, start),
          endsToken: !pattern.isToken || !isWithinWord(text, end),
        });
      }
    }
    return matches;
  };
}

function fold(unit: number): number {
  const isUpper = (unit >= 65 && unit <= 90) || (unit >= 0xc0 && unit <= 0xde && unit !== 0xd7);
  if (isUpper) return unit + 32;
  return unit === 43 ? 32 : unit;
}

const isBase64 = (unit: number): boolean => !Number.isNaN(unit) && /[\w+/-]/.test(String.fromCharCode(unit));

/** Whether the characters on both sides of a position belong to one word. */
const isWithinWord = (text: string, at: number): boolean =>
  at > 0 && at < text.length && isWord.test(text.charAt(at - 1)) && isWord.test(text.charAt(at));
const isWord = /[\p{L}\p{N}_]/u;

type Trie = {
  /** By node; the root is 0, and 0 is also "none". */
  units: Uint16Array;
  firstChild: Uint32Array;
  nextSibling: Uint32Array;
  /** The node of the longest proper suffix. */
  fail: Uint32Array;
  /** The longest pattern that ends at a node, and the next shorter one after that of a node. */
  longest: Uint32Array;
  shorter: Uint32Array;
  /** The root's children by unit, for ASCII. */
  roots: Uint32Array;
  ends: Map<number, Pattern>;
};

function buildTrie(patterns: readonly Pattern[]): Trie {
  const size = patterns.reduce((sum, { text }) => sum + text.length, 1);
  const make = () => new Uint32Array(size);
  const trie: Trie = {
    units: new Uint16Array(size),
    firstChild: make(),
    nextSibling: make(),
    fail: make(),
    longest: make(),
    shorter: make(),
    roots: new Uint32Array(128),
    ends: new Map(),
  };
  const { units, firstChild, nextSibling, ends } = trie;
  let count = 1;
  const step = (node: number, unit: number): number => {
    let next = firstChild[node] ?? 0;
    while (next !== 0 && units[next] !== unit) next = nextSibling[next] ?? 0;
    return next;
  };
  for (const pattern of patterns) {
    let node = 0;
    for (let at = 0; at < pattern.text.length; at++) {
      const unit = fold(pattern.text.charCodeAt(at));
      let next = step(node, unit);
      if (next === 0) {
        next = count++;
        units[next] = unit;
        nextSibling[next] = firstChild[node] ?? 0;
        firstChild[node] = next;
      }
      node = next;
    }
    // Of patterns that are the same but for case, the one that counts anywhere decides.
    const known = ends.get(node);
    if (node !== 0 && (!known || (known.isToken && !pattern.isToken))) ends.set(node, pattern);
  }
  link(trie, step);
  return trie;
}

/** Breadth first, so that shorter texts are linked before longer ones. */
function link(trie: Trie, step: (node: number, unit: number) => number): void {
  const { units, firstChild, nextSibling, fail, longest, shorter, roots, ends } = trie;
  const queue = [0];
  for (const node of queue) {
    for (let next = firstChild[node] ?? 0; next !== 0; next = nextSibling[next] ?? 0) {
      queue.push(next);
      const unit = units[next] ?? 0;
      if (node === 0 && unit < roots.length) roots[unit] = next;
      let suffix = node;
      let target = 0;
      while (suffix !== 0 && target === 0) {
        suffix = fail[suffix] ?? 0;
        target = step(suffix, unit);
      }
      fail[next] = target;
      const inherited = longest[target] ?? 0;
      longest[next] = ends.has(next) ? next : inherited;
      shorter[next] = inherited;
    }
  }
}
