import { type JsonNumber, readNumber } from '../json/exact.ts';
import type { JsonScalar, PatternText } from './assertion.ts';
import { type Token, tokenize, unescapeString } from './tokens.ts';

/** Where a line stops being an assertion. */
export class Unreadable extends Error {
  override readonly name = 'Unreadable';
  readonly position: number;
  readonly expected: string;

  constructor(position: number, expected: string) {
    super(`Expected ${expected} at ${position}.`);
    this.position = position;
    this.expected = expected;
  }
}

/** A cursor over a line's tokens. All but `takes` throw `Unreadable` where they can't read. */
export type Reader = ReturnType<typeof createReader>;

/** English words that can take the place of a bare tool name. As tools they need backticks. */
const reserved = new Set(
  'a an the this that these those it its he she they we you i no not any every each all both either neither some none nothing something anything everything agent assistant first second last final next previous model server user tool tools call calls answer result and or but if when once twice exactly at before after with to for of in on is are was were'.split(
    ' ',
  ),
);

const wholeNumber = /^(?:\d{1,15}|\d{1,3}(?:,\d{3}){1,4}|\d{1,3}(?:_\d{3}){1,4})$/;
const jsonNumber = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/;
const unitSeconds: ReadonlyMap<string, number> = new Map([
  ['ms', 0.001],
  ...['s', 'sec', 'secs', 'second', 'seconds'].map((unit) => [unit, 1] as const),
  ...['min', 'mins', 'minute', 'minutes'].map((unit) => [unit, 60] as const),
]);

export function createReader(line: string) {
  const tokens = tokenize(line);
  const end = tokens.at(-1)?.end ?? line.trimEnd().length;
  let at = 0;
  let isCommitted = false;

  const peek = (): Token | undefined => tokens[at];
  const position = () => peek()?.start ?? end;
  const fail = (expected: string, where = position()): never => {
    throw new Unreadable(where, expected);
  };
  const wordAt = (index: number): string | null => {
    const token = tokens[index];
    return token?.type === 'word' ? token.text : null;
  };
  const next = <T extends Token['type']>(type: T, expected: string): Extract<Token, { type: T }> => {
    const token = peek();
    if (!isType(token, type)) return fail(expected);
    if ('closed' in token && !token.closed) return fail(`the closing ${marks[token.type]}`, token.end);
    at++;
    return token;
  };
  const takes = (...words: string[]): boolean => {
    const all = words.every((word, index) => wordAt(at + index)?.toLowerCase() === word);
    if (all) at += words.length;
    return all;
  };

  return {
    position,
    atEnd: () => at >= tokens.length,
    /** Marks that a form has been recognized: errors after this give a hint. */
    commit: () => {
      isCommitted = true;
    },
    committed: () => isCommitted,
    /** Reads these words in any case, if they come next. */
    takes,
    /** Reads one of these words. */
    expect(...oneOf: [string, ...string[]]): void {
      if (!oneOf.some((word) => takes(word))) fail(oneOf.map((word) => `"${word}"`).join(' or '));
    },
    end(): void {
      if (at < tokens.length) fail('the end of the line');
    },
    /** A tool's name: in backticks, as a JSON string, or as a bare word that isn't plain English. */
    name(expected: string): { text: string; quoted: boolean } {
      if (peek()?.type === 'string') {
        const start = position();
        const text = this.string();
        return text === '' ? fail('a name between the quotes', start) : { text, quoted: false };
      }
      if (peek()?.type === 'name') {
        const { text, start } = next('name', expected);
        return text === '' ? fail('a name between the backticks', start) : { text, quoted: true };
      }
      const word = wordAt(at);
      const isName = word !== null && /^[A-Za-z0-9_][\w./:-]*$/.test(word) && /[A-Za-z]/.test(word);
      if (!isName || reserved.has(word.toLowerCase())) return fail(expected);
      at++;
      return { text: word, quoted: false };
    },
    path(): string {
      const expected = 'a JSON path such as `items[0].id`';
      if (peek()?.type === 'name') return next('name', expected).text;
      const word = wordAt(at);
      if (word === null || !/^[A-Za-z0-9_$][\w.$[\]-]*$/.test(word)) return fail(expected);
      at++;
      return word;
    },
    equalsSign(): void {
      next('equals', '"="');
    },
    string(): string {
      const token = next('string', 'a text in double quotes');
      return unescapeString(token.raw) ?? fail('escapes as in JSON (\\" \\\\ \\n \\t \\u0041)', token.start);
    },
    scalar(): JsonScalar {
      const expected = 'a JSON value: a text in double quotes, a number, true, false or null';
      if (peek()?.type === 'string') return this.string();
      const word = wordAt(at) ?? fail(expected);
      if (word === 'null' || word === 'true' || word === 'false') {
        at++;
        return word === 'null' ? null : word === 'true';
      }
      if (!jsonNumber.test(word) || !Number.isFinite(Number(word))) return fail(expected);
      at++;
      return readNumber(word);
    },
    number(): JsonNumber {
      const word = wordAt(at);
      if (word === null || !jsonNumber.test(word) || !Number.isFinite(Number(word))) return fail('a number');
      at++;
      return readNumber(word);
    },
    startsNumber: () => wholeNumber.test(wordAt(at) ?? ''),
    /** A whole number of at least 0; thousands may be separated by "," or "_". */
    wholeNumber(): number {
      const word = wordAt(at);
      if (word === null || !wholeNumber.test(word)) return fail('a whole number');
      at++;
      return Number(word.replace(/[,_]/g, ''));
    },
    /** A duration: "30 s", "30s", "1.5 minutes". */
    seconds(): number {
      const joined = /^(\d{1,9}(?:\.\d{1,6})?)([A-Za-z]*)$/.exec(wordAt(at) ?? '');
      if (!joined) return fail('a number of seconds, such as "30 s"');
      const apart = joined[2] === '';
      const unit = unitSeconds.get((apart ? (wordAt(at + 1) ?? '') : (joined[2] ?? '')).toLowerCase());
      if (apart) at++;
      if (unit === undefined) return fail('a unit: "s", "seconds", "ms" or "minutes"');
      at++;
      return Number(joined[1]) * unit;
    },
    /** A regular expression in slashes, or in double quotes, where only `\"` is an escape of the quotes. */
    pattern(): PatternText {
      if (peek()?.type === 'pattern') {
        const { source, flags } = next('pattern', '');
        return { source, flags };
      }
      const { raw } = next('string', 'a regular expression in slashes or double quotes');
      return { source: raw.replaceAll('\\"', '"'), flags: '' };
    },
  };
}

const marks = { name: 'backtick', string: 'double quote', pattern: 'slash' } as const;

function isType<T extends Token['type']>(token: Token | undefined, type: T): token is Extract<Token, { type: T }> {
  return token?.type === type;
}
