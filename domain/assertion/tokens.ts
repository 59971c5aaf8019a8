/**
 * `name`: in backticks. `string`: in double quotes, `raw` with its escapes still in it. `pattern`: between slashes,
 * only after the word "matches" or "match". `closed` is false where the closing mark is missing. Positions count from 0
 * in the text.
 */
export type Token = { start: number; end: number } & (
  | { type: 'word'; text: string }
  | { type: 'name'; text: string; closed: boolean }
  | { type: 'string'; raw: string; closed: boolean }
  | { type: 'pattern'; source: string; flags: string; closed: boolean }
  | { type: 'equals' }
);

const space = /\s/;

/** Splits a line into tokens, without a period at its end. Never fails: anything odd becomes a word. */
export function tokenize(line: string): Token[] {
  const tokens: Token[] = [];
  let at = 0;
  while (at < line.length) {
    if (space.test(line.charAt(at))) {
      at++;
      continue;
    }
    const token = readToken(line, at, tokens.at(-1));
    tokens.push(token);
    at = token.end;
  }
  return withoutPeriod(tokens);
}

function readToken(line: string, start: number, before: Token | undefined): Token {
  const first = line.charAt(start);
  if (first === '=') return { type: 'equals', start, end: start + 1 };
  if (first === '`') {
    const close = line.indexOf('`', start + 1);
    const closed = close !== -1;
    const inside = line.slice(start + 1, closed ? close : line.length);
    return { type: 'name', text: inside.trim(), closed, start, end: closed ? close + 1 : line.length };
  }
  if (first === '"') {
    const close = closingMark(line, start + 1, '"');
    const closed = close !== -1;
    const raw = line.slice(start + 1, closed ? close : line.length);
    return { type: 'string', raw, closed, start, end: closed ? close + 1 : line.length };
  }
  if (first === '/' && before?.type === 'word' && /^match(es)?$/i.test(before.text)) {
    const close = closingMark(line, start + 1, '/');
    if (close === -1)
      return { type: 'pattern', source: line.slice(start + 1), flags: '', closed: false, start, end: line.length };
    let end = close + 1;
    while (/[a-z]/i.test(line.charAt(end))) end++;
    return {
      type: 'pattern',
      source: line.slice(start + 1, close),
      flags: line.slice(close + 1, end),
      closed: true,
      start,
      end,
    };
  }
  let end = start + 1;
  while (end < line.length && !space.test(line.charAt(end)) && !'"`='.includes(line.charAt(end))) end++;
  return { type: 'word', text: line.slice(start, end), start, end };
}

/** Position of the unescaped closing mark (a slash also has to be outside a character class), or -1. */
function closingMark(line: string, from: number, mark: '"' | '/'): number {
  let inClass = false;
  for (let at = from; at < line.length; at++) {
    const char = line.charAt(at);
    if (char === '\\') at++;
    else if (mark === '/' && char === '[') inClass = true;
    else if (mark === '/' && char === ']') inClass = false;
    else if (char === mark && !inClass) return at;
  }
  return -1;
}

function withoutPeriod(tokens: Token[]): Token[] {
  const last = tokens.at(-1);
  if (last?.type !== 'word' || !last.text.endsWith('.')) return tokens;
  const kept = tokens.slice(0, -1);
  return last.text === '.' ? kept : [...kept, { ...last, text: last.text.slice(0, -1), end: last.end - 1 }];
}

/** The text of a string token, with JSON's escapes. Null for an invalid escape. */
export function unescapeString(raw: string): string | null {
  let bad = false;
  const text = raw.replace(/\\(u[0-9a-fA-F]{4}|.)?/gs, (whole, body: string | undefined) => {
    const simple = body === undefined ? undefined : escapes[body];
    if (simple !== undefined) return simple;
    if (body?.length === 5) return String.fromCharCode(Number.parseInt(body.slice(1), 16));
    bad = true;
    return whole;
  });
  return bad ? null : text;
}

const escapes: Readonly<Record<string, string>> = {
  '"': '"',
  '\\': '\\',
  '/': '/',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
};
