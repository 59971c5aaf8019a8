/** How a character of a text can be escaped. */
export const escapes = ['percent', 'html', 'json'] as const;
export type Escape = (typeof escapes)[number];

/** Decodes each escape once. */
export function decode(text: string, kinds: readonly Escape[]): string {
  let result = '';
  for (let at = 0; at < text.length; ) {
    const { decoded, length } = readEscape(text, at, kinds) ?? { decoded: text.charAt(at), length: 1 };
    result += decoded;
    at += length;
  }
  return result;
}

/** A text with the positions of its characters in the original text. */
export type Layer = {
  text: string;
  /** `starts[i]` and `starts[i + 1]` enclose character i; null: the text is the original. */
  starts: Uint32Array | null;
};

/** Decodes each escape of any kind once. @returns null when there is none */
export function decodeLayer({ text, starts }: Layer): Layer | null {
  const mark = /[%&\\]/g;
  const pieces: string[] = [];
  let map: Uint32Array | null = null;
  let length = 0;
  let copied = 0;
  for (let found = mark.exec(text); found; found = mark.exec(text)) {
    const read = readEscape(text, found.index, escapes);
    if (!read) continue;
    // A decoded text is never longer.
    map ??= new Uint32Array(text.length + 1);
    pieces.push(text.slice(copied, found.index), read.decoded);
    for (let at = copied; at < found.index; at++) map[length++] = starts ? (starts[at] ?? 0) : at;
    for (let unit = 0; unit < read.decoded.length; unit++)
      map[length++] = starts ? (starts[found.index] ?? 0) : found.index;
    copied = found.index + read.length;
    mark.lastIndex = copied;
  }
  if (!map) return null;
  pieces.push(text.slice(copied));
  for (let at = copied; at <= text.length; at++) map[length++] = starts ? (starts[at] ?? 0) : at;
  return { text: pieces.join(''), starts: map };
}

type Decoded = { decoded: string; length: number };

function readEscape(text: string, at: number, kinds: readonly Escape[]): Decoded | null {
  switch (text.charAt(at)) {
    case '%':
      return kinds.includes('percent') ? readPercent(text, at) : null;
    case '&':
      return kinds.includes('html') ? readEntity(text, at) : null;
    case '\\':
      return kinds.includes('json') ? readBackslash(text, at) : null;
    default:
      return null;
  }
}

/** A character of UTF-8, or else a byte as latin1. */
function readPercent(text: string, at: number): Decoded | null {
  const first = byteAt(text, at);
  if (first === null) return null;
  const size = first < 0xc2 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : first < 0xf5 ? 4 : 1;
  if (size > 1) {
    try {
      return { decoded: decodeURIComponent(text.slice(at, at + 3 * size)), length: 3 * size };
    } catch (error) {
      if (!(error instanceof URIError)) throw error;
    }
  }
  return { decoded: String.fromCharCode(first), length: 3 };
}

function byteAt(text: string, at: number): number | null {
  const digits = text.slice(at + 1, at + 3);
  return /^[\da-f]{2}$/i.test(digits) ? Number.parseInt(digits, 16) : null;
}

const entity = /&(?:#(\d{1,8})|#x([\da-f]{1,8})|([a-z]{2,8}));/iy;

function readEntity(text: string, at: number): Decoded | null {
  entity.lastIndex = at;
  const [whole, decimal, hex, name] = entity.exec(text) ?? [];
  if (whole === undefined) return null;
  if (name !== undefined) {
    const decoded = namedEntities.get(name);
    return decoded === undefined ? null : { decoded, length: whole.length };
  }
  const code = decimal === undefined ? Number.parseInt(hex ?? '', 16) : Number(decimal);
  return code > 0 && code <= 0x10ffff ? { decoded: String.fromCodePoint(code), length: whole.length } : null;
}

const backslash = /\\(?:u([\da-f]{4})|u\{([\da-f]{1,6})\}|x([\da-f]{2})|(["\\/bfnrt']))/iy;
const controls: ReadonlyMap<string, string> = new Map([
  ['b', '\b'],
  ['f', '\f'],
  ['n', '\n'],
  ['r', '\r'],
  ['t', '\t'],
]);

/** Escapes of JSON, and those that other languages add. */
function readBackslash(text: string, at: number): Decoded | null {
  backslash.lastIndex = at;
  const [whole, four, braced, two, simple] = backslash.exec(text) ?? [];
  if (whole === undefined) return null;
  if (simple !== undefined) return { decoded: controls.get(simple) ?? simple, length: whole.length };
  const code = Number.parseInt(four ?? braced ?? two ?? '', 16);
  return code <= 0x10ffff ? { decoded: String.fromCodePoint(code), length: whole.length } : null;
}

/** HTML's names for what a header or query value may contain, besides letters and digits. */
const namedEntities: ReadonlyMap<string, string> = new Map(
  Object.entries({
    amp: '&',
    AMP: '&',
    apos: "'",
    ast: '*',
    bsol: '\\',
    colon: ':',
    comma: ',',
    commat: '@',
    dollar: '$',
    equals: '=',
    excl: '!',
    grave: '`',
    gt: '>',
    GT: '>',
    Hat: '^',
    hyphen: '-',
    lbrace: '{',
    lbrack: '[',
    lcub: '{',
    lowbar: '_',
    lpar: '(',
    lsqb: '[',
    lt: '<',
    LT: '<',
    nbsp: ' ',
    num: '#',
    percnt: '%',
    period: '.',
    plus: '+',
    quest: '?',
    quot: '"',
    QUOT: '"',
    rbrace: '}',
    rbrack: ']',
    rcub: '}',
    rpar: ')',
    rsqb: ']',
    semi: ';',
    sol: '/',
    Tab: '\t',
    verbar: '|',
    vert: '|',
  }),
);
