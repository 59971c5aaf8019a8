import { distance } from 'fastest-levenshtein';
import { writeToolName } from '../catalog/write-tool-name.ts';
import { parseAssertion } from './parse.ts';

/** The words of the grammar (parse.ts). */
const grammar =
  'calls call never does not doesn exactly at least most once twice times time before no result breaks its output schema tool fails fail final answer finishes within uses tokens field fits is called with contains contain matches match exists exist equals equal greater less than the'.split(
    ' ',
  );
const maxLength = 300;
const maxDistance = 2;

/**
 * The assertion that a line is most likely meant to be, where it is one but for misspelled words or missing backticks:
 * `calls create_order exactly onse` → calls `create_order` exactly once.
 * @param tools of the server
 * @returns null if it is an assertion already, or there is no such
 */
export function suggestAssertion(line: string, tools: Iterable<string>): string | null {
  if (line.length > maxLength || parseAssertion(line).ok) return null;
  const names = new Set(tools);
  const corrected = mapWords(line, (word) => (names.has(word) ? word : (nearestWord(word) ?? word)));
  const quoted = mapWords(corrected, (word) => (names.has(word) ? writeToolName(word) : word));
  return [corrected, quoted].find((each) => each !== line && parseAssertion(each).ok) ?? null;
}

/** Changes each word outside of backticks, strings and patterns. */
const mapWords = (line: string, map: (word: string) => string): string =>
  line.replace(/`[^`]*`?|"(?:[^"\\]|\\.)*"?|\/(?:[^/\\]|\\.)+\/\w*|[\p{L}\d_.-]+/gu, (part) =>
    /^[`"/]/.test(part) ? part : map(part),
  );

/** A word of the grammar that a longer one is a misspelling of. */
function nearestWord(word: string): string | null {
  const lower = word.toLowerCase();
  if (lower.length < 4 || grammar.includes(lower)) return null;
  const most = lower.length < 5 ? 1 : maxDistance;
  const found = grammar
    .filter((each) => Math.abs(each.length - lower.length) <= most)
    .map((each) => ({ each, far: isSwapped(each, lower) ? 1 : distance(each, lower) }))
    .filter(({ far }) => far <= most)
    .sort((a, b) => a.far - b.far);
  return found[0]?.each ?? null;
}

const letters = (word: string): string => [...word].sort().join('');
/** Of the same letters: `feild`, which is as far from `fails`. */
const isSwapped = (one: string, other: string): boolean => letters(one) === letters(other);
