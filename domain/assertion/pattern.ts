import { RE2JS, RE2JSException } from 're2js';

export class PatternError extends Error {
  override readonly name = 'PatternError';
}

/**
 * `foundIn`: whether the pattern is found anywhere in the text, of which the first `maxTextLength` characters are read.
 * Its time is at most text length × `size`.
 */
export type Pattern = { foundIn(text: string): boolean; size: number };

/** UTF-16 units of a text that a pattern reads. */
export const maxTextLength = 100_000;
const maxSourceLength = 5000;
const maxSize = 300;

/**
 * Compiles a regular expression of JavaScript's syntax (docs/assertions.md, "Patterns") for RE2, whose time is linear:
 * a backtracking engine would hang on `(a|a)*b` and a hostile tool result.
 * @throws PatternError on lookaround, backreferences, bad syntax, unknown flags and patterns that are too large
 */
export function compilePattern(source: string, flags: string): Pattern {
  if (!/^[imsug]*$/.test(flags) || new Set(flags).size !== flags.length)
    throw new PatternError('the flags may be i, m, s, u and g, each once');
  if (source.length > maxSourceLength) throw new PatternError(`the pattern is too large: ${source.length} characters`);
  const isMultiline = flags.includes('m');
  const options =
    (flags.includes('i') ? RE2JS.CASE_INSENSITIVE : 0) |
    (isMultiline ? RE2JS.MULTILINE : 0) |
    (flags.includes('s') ? RE2JS.DOTALL : 0);
  const pattern = compile(toRe2(source, { isMultiline, isDotAll: flags.includes('s') }), options);
  const size = pattern.programSize();
  if (size > maxSize) throw new PatternError('the pattern is too large: use fewer or smaller repetitions');
  return { size, foundIn: (text) => pattern.test(text.slice(0, maxTextLength)) };
}

function compile(source: string, options: number): RE2JS {
  try {
    return RE2JS.compile(source, options);
  } catch (error) {
    if (error instanceof RE2JSException)
      // Without what it quotes, which is the translated pattern.
      throw new PatternError(error.message.replace(/^error parsing regexp: /, '').replace(/: `.*$/s, ''));
    throw error;
  }
}

// JavaScript's white space goes beyond RE2's, which is that of ASCII.
const space = String.raw`\t-\r \x{a0}\x{1680}\x{2000}-\x{200a}\x{2028}\x{2029}\x{202f}\x{205f}\x{3000}\x{feff}`;
const notSpace = String.raw`\x{0}-\x{8}\x{e}-\x{1f}!-\x{9f}\x{a1}-\x{167f}\x{1681}-\x{1fff}\x{200b}-\x{2027}\x{202a}-\x{202e}\x{2030}-\x{205e}\x{2060}-\x{2fff}\x{3001}-\x{fefe}\x{ff00}-\x{10ffff}`;

/** Translates JavaScript's syntax to RE2's. Groups don't capture: nobody reads them, and they would cost time. */
function toRe2(source: string, { isMultiline, isDotAll }: { isMultiline: boolean; isDotAll: boolean }): string {
  let isInClass = false;
  const translated = source.replace(/\\.?|\((?:\?(?::|<[A-Za-z_]\w*>)?)?|./gsu, (token) => {
    if (token.startsWith('\\')) return translateEscape(token, isInClass);
    if (isInClass) {
      isInClass = token !== ']';
      return token === '[' ? '\\[' : token;
    }
    isInClass = token === '[';
    if (token === '(?') throw new PatternError('lookaround is not supported');
    if (token.startsWith('(')) return '(?:';
    if (token === '.' && !isDotAll) return String.raw`[^\n\r\x{2028}\x{2029}]`;
    // Lines may end with a carriage return, too.
    return token === '$' && isMultiline ? String.raw`(?:\r?$)` : token;
  });
  return RE2JS.translateRegExp(translated);
}

function translateEscape(token: string, isInClass: boolean): string {
  const char = token.slice(1);
  if (/^[1-9k]$/.test(char)) throw new PatternError('backreferences are not supported');
  if (char === '' || (/^[A-Za-z]$/.test(char) && !/^[dDwWsSbBfnrtvxupP]$/.test(char)))
    throw new PatternError(`"${token}" is not an escape`);
  if (char === 's') return isInClass ? space : `[${space}]`;
  if (char === 'S') return isInClass ? notSpace : `[${notSpace}]`;
  return token;
}
