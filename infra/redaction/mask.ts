import type { Range } from './find.ts';

/** Stands for each masked part of a text. */
export const masked = '[redacted]';

export function maskRanges(text: string, ranges: readonly Range[]): string {
  let result = '';
  let copied = 0;
  for (const { start, end } of ranges) {
    result += text.slice(copied, start) + masked;
    copied = end;
  }
  return result + text.slice(copied);
}

/**
 * Masks ranges of a JSON text so that it stays JSON: in whole strings, and a number becomes a string. Elsewhere nothing
 * changes. A range that reaches over several values leaves nothing that could be kept.
 * @param maskString masks the content of a string
 */
export function maskJson(json: string, ranges: readonly Range[], maskString: (text: string) => string): string {
  let result = '';
  let copied = 0;
  let next = 0;
  for (const { start, end } of listTokens(json)) {
    const first = ranges[next];
    if (!first) break;
    if (first.start < start) return JSON.stringify(masked);
    if (first.start >= end) continue;
    for (let range = first; range && range.start < end; ) {
      if (range.end > end) return JSON.stringify(masked);
      next++;
      const following = ranges[next];
      if (!following) break;
      range = following;
    }
    result += json.slice(copied, start) + maskToken(json.slice(start, end), maskString);
    copied = end;
  }
  return next < ranges.length ? JSON.stringify(masked) : result + json.slice(copied);
}

/** Strings, with their quotes, and numbers. */
function* listTokens(json: string): Generator<Range> {
  const begin = /["\d-]/g;
  const number = /[\d.eE+-]*/y;
  for (let found = begin.exec(json); found; found = begin.exec(json)) {
    const start = found.index;
    if (found[0] === '"') begin.lastIndex = endOfString(json, start);
    else {
      number.lastIndex = start;
      begin.lastIndex = start + (number.exec(json)?.[0].length ?? 1);
    }
    yield { start, end: begin.lastIndex };
  }
}

function endOfString(json: string, start: number): number {
  for (let quote = json.indexOf('"', start + 1); quote >= 0; quote = json.indexOf('"', quote + 1)) {
    let backslashes = 0;
    while (json[quote - 1 - backslashes] === '\\') backslashes++;
    if (backslashes % 2 === 0) return quote + 1;
  }
  return json.length;
}

function maskToken(source: string, maskString: (text: string) => string): string {
  const isString = source.startsWith('"');
  const content = isString ? String(JSON.parse(source)) : source;
  const kept = maskString(content);
  return kept === content ? source : JSON.stringify(kept);
}
