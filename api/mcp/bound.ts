import { fieldPath } from '../../domain/error/error.ts';
import { cutMiddle } from '../../domain/values/cut.ts';
import { answerBytes, maxAnswerBytes } from '../../services/context/answer-size.ts';

type Answer = { [field: string]: unknown };
type Path = readonly (string | number)[];
/** A text or list that was shortened: characters or items shown, and how many there are. */
type Cut = { field: string; shown: number; total: number };
/** Bytes of a value as JSON. `least`: with its texts cut and its lists empty. */
type Weight = { least: number; full: number; parts: readonly Weight[] };

/** Shorter texts are never cut: ids, names, cursors. */
const uncutBytes = 300;
/** What an item of a list gets at least beyond its least; items that can't get it are left out. */
const itemBytes = 500;
/** An object that needs more with its texts cut is an open one: it may lose members. */
const openBytes = 16_000;
const maxDepth = 48;
const maxNoted = 20;
const maxPathLength = 200;
/** Of an answer's bytes, what its data takes beside the text of the same data. */
const firstShare = 0.44;

/**
 * The answer itself if it is short enough, otherwise the same with its largest texts cut in the middle and its longest
 * lists cut at the end, until it fits. `_truncated` then names what was cut. The shape stays: members of objects are
 * kept, except where an open object has more than fit.
 */
export function bound(answer: Answer, maxBytes = maxAnswerBytes): Answer {
  const bytes = answerBytes(answer);
  if (bytes <= maxBytes) return answer;
  const weight = weigh(answer, 0);
  // How many escapes the JSON text of the answer needs shows only once it is cut.
  for (let room = Math.floor(maxBytes * firstShare); ; room = Math.floor(room * 0.85)) {
    const cuts: Cut[] = [];
    const fitted = shrink(answer, weight, { room, path: [], cuts });
    const noted = cuts.toSorted((a, b) => b.total - a.total).slice(0, maxNoted);
    const whole = { ...toAnswer(fitted), _truncated: noted };
    if (answerBytes(whole) <= maxBytes) return whole;
  }
}

const toAnswer = (value: unknown): Answer => (isObject(value) ? value : {});
const isObject = (value: unknown): value is Answer =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const jsonBytes = (value: unknown): number => Buffer.byteLength(JSON.stringify(value) ?? '');

function weigh(value: unknown, depth: number): Weight {
  if (typeof value !== 'object' || value === null || depth >= maxDepth) {
    const full = jsonBytes(value);
    return { full, least: Math.min(full, uncutBytes), parts: [] };
  }
  const parts = entriesOf(value).map(([key, item]) => {
    const { least, full, parts: inner } = weigh(item, depth + 1);
    const own = typeof key === 'number' ? 1 : jsonBytes(key) + 2;
    return { least: least + own, full: full + own, parts: inner };
  });
  const sum = (of: 'least' | 'full') => parts.reduce((total, part) => total + part[of], 2);
  const least = sum('least');
  return { least: Array.isArray(value) || least > openBytes ? 2 : least, full: sum('full'), parts };
}

const entriesOf = (value: object): [string | number, unknown][] =>
  Array.isArray(value) ? value.map((item, index) => [index, item]) : Object.entries(value);

function shrink(value: unknown, weight: Weight, at: { room: number; path: Path; cuts: Cut[] }): unknown {
  const { room, path, cuts } = at;
  if (weight.full <= room) return value;
  if (typeof value === 'string') return shrinkText(value, at);
  if (typeof value !== 'object' || value === null || path.length >= maxDepth) return '…';
  const isList = Array.isArray(value);
  const entries = entriesOf(value);
  const kept = countKept(weight.parts, room - 2, isList ? itemBytes : 0);
  if (kept < entries.length) cuts.push({ field: toField(path), shown: kept, total: entries.length });
  const parts = weight.parts.slice(0, kept);
  const shares = share(parts, room - 2);
  const shrunk = entries.slice(0, kept).map(([key, item], index): [string | number, unknown] => {
    const part = parts[index];
    const own = typeof key === 'number' ? 1 : jsonBytes(key) + 2;
    if (!part) return [key, item];
    const inner = { full: part.full - own, least: part.least - own, parts: part.parts };
    return [key, shrink(item, inner, { room: (shares[index] ?? 0) - own, path: [...path, key], cuts })];
  });
  return isList ? shrunk.map(([, item]) => item) : Object.fromEntries(shrunk);
}

function shrinkText(text: string, { room, path, cuts }: { room: number; path: Path; cuts: Cut[] }): string {
  for (let units = room - 60; ; units = Math.floor(units * 0.7)) {
    const cut = cutMiddle(text, Math.max(units, 0));
    if (jsonBytes(cut.text) > room && units > 0) continue;
    if (cut.truncated) cuts.push({ field: toField(path), ...cut.truncated });
    return cut.text;
  }
}

const toField = (path: Path): string => cutMiddle(fieldPath(path), maxPathLength).text;

/** How many parts, from the first, fit with `extra` bytes more than their least each. */
function countKept(parts: readonly Weight[], room: number, extra: number): number {
  let left = room;
  const end = parts.findIndex(({ least, full }, index) => {
    left -= index === 0 ? least : Math.min(full, least + extra);
    return left < 0;
  });
  return end === -1 ? parts.length : end;
}

/** Room for each part: all that it needs, or an equal share of what is left, never less than its least. */
function share(parts: readonly Weight[], room: number): number[] {
  const at = (level: number) => parts.map(({ least, full }) => Math.min(full, Math.max(least, Math.floor(level))));
  let [low, high] = [0, room];
  for (let step = 0; step < 20; step += 1) {
    const level = (low + high) / 2;
    const total = at(level).reduce((sum, bytes) => sum + bytes, 0);
    if (total <= room) low = level;
    else high = level;
  }
  return at(low);
}
