import { findOwnKeys } from '../../domain/secret/own-key.ts';
import { decodeLayer, type Layer } from './decode.ts';
import { createMatcher, type Match } from './matcher.ts';
import type { Pattern } from './spellings.ts';

/** A part of a text, to be masked. */
export type Range = { start: number; end: number };

/** JSON within JSON, in an HTML page: more escapes than servers put around a value they repeat. */
const maxLayers = 4;

/** Creates a function that finds what to mask in a text: sorted and separate ranges. Its time grows with the text. */
export function createFinder(patterns: readonly Pattern[]): (text: string) => Range[] {
  const match = patterns.length > 0 ? createMatcher(patterns) : null;
  return (text) => {
    const matches: Match[] = [];
    if (text.includes('amt_'))
      for (const { index, 0: key } of findOwnKeys(text))
        matches.push({ start: index, end: index + key.length, beginsToken: true, endsToken: true });
    let layer: Layer | null = match && { text, starts: null };
    for (let depth = 0; match && layer && depth < maxLayers; depth++) {
      const { starts } = layer;
      for (const found of match(layer.text))
        matches.push(
          starts ? { ...found, start: starts[found.start] ?? 0, end: starts[found.end] ?? text.length } : found,
        );
      layer = decodeLayer(layer);
    }
    return matches.length === 0 ? [] : select(matches, text.length);
  };
}

/** The matches that count, merged. What is beside a match that counts is at the end of its token. */
function select(matches: readonly Match[], length: number): Range[] {
  const counts = ({ beginsToken, endsToken }: Match): boolean => beginsToken && endsToken;
  let ranges = merge(matches.filter(counts));
  let open = matches.filter((each) => !counts(each)).sort((a, b) => a.start - b.start);
  while (open.length > 0 && ranges.length > 0) {
    const isMasked = new Uint8Array(length + 1);
    for (const { start, end } of ranges) isMasked.fill(1, start, end);
    const left: Match[] = [];
    const fresh: Range[] = [];
    const decide = (each: Match, rest: Match[]): void => {
      const { start, end, beginsToken, endsToken } = each;
      if ((beginsToken || isMasked[start - 1] === 1) && (endsToken || isMasked[end] === 1)) {
        isMasked.fill(1, start, end);
        fresh.push(each);
      } else rest.push(each);
    };
    for (const each of open) decide(each, left);
    open = [];
    for (const each of left.reverse()) decide(each, open);
    open.reverse();
    if (fresh.length === 0) break;
    ranges = merge([...ranges, ...fresh]);
  }
  return ranges;
}

function merge(ranges: readonly Range[]): Range[] {
  const merged: Range[] = [];
  for (const { start, end } of [...ranges].sort((a, b) => a.start - b.start)) {
    const last = merged.at(-1);
    if (last && start < last.end) last.end = Math.max(last.end, end);
    else merged.push({ start, end });
  }
  return merged;
}
