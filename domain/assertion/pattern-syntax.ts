/** A place between two characters: `^`, `$`, `\b`, `\B`. */
export type Edge = 'start' | 'end' | 'word' | 'not_word';

/** What a pattern is made of. `max` is Infinity where a repetition has no upper bound. */
export type Node =
  | { type: 'empty' }
  | { type: 'char'; test: RegExp }
  | { type: 'edge'; edge: Edge }
  | { type: 'all'; nodes: Node[] }
  | { type: 'any'; nodes: Node[] }
  | { type: 'repeat'; node: Node; min: number; max: number };

export class PatternError extends Error {
  override readonly name = 'PatternError';
}

const deepestGroup = 50;
const mostRepeats = 1000;
const syntaxChars = '^$\\.*+?()[]{}|/';

/**
 * Parses the part of JavaScript's regular expressions that can be matched in linear time: literals, `.`, classes, escapes,
 * `^ $ \b \B`, groups, alternatives and repetitions. Each character test is handed to the engine's own RegExp, one character
 * at a time, so that classes and case folding mean what they always mean.
 *
 * @throws PatternError on anything else: lookaround, backreferences, bad syntax.
 */
export function parsePattern(source: string, ignoreCase: boolean, dotAll: boolean): Node {
  let at = 0;
  const flags = `u${ignoreCase ? 'i' : ''}${dotAll ? 's' : ''}`;
  const peek = () => source.charAt(at);
  const charNode = (one: string): Node => ({ type: 'char', test: compileChar(one, flags) });

  const alternatives = (depth: number): Node => {
    const nodes = [sequence(depth)];
    while (peek() === '|') {
      at++;
      nodes.push(sequence(depth));
    }
    return nodes.length === 1 ? (nodes[0] ?? { type: 'empty' }) : { type: 'any', nodes };
  };

  const sequence = (depth: number): Node => {
    const nodes: Node[] = [];
    while (at < source.length && peek() !== '|' && peek() !== ')') nodes.push(repeated(atom(depth)));
    return { type: 'all', nodes };
  };

  const repeated = (node: Node): Node => {
    const bounds = repetition();
    if (!bounds) return node;
    if (node.type === 'edge') throw new PatternError('nothing to repeat');
    if (peek() === '?') at++;
    if (repetition()) throw new PatternError('a repetition of a repetition: put the inner one in a group');
    return { type: 'repeat', node, ...bounds };
  };

  const repetition = (): { min: number; max: number } | null => {
    const match = /^(?:[*+?]|\{(\d{1,5})(,(\d{1,5})?)?\})/.exec(source.slice(at, at + 14));
    if (!match) return null;
    at += match[0].length;
    if (match[0] === '*') return { min: 0, max: Number.POSITIVE_INFINITY };
    if (match[0] === '+') return { min: 1, max: Number.POSITIVE_INFINITY };
    if (match[0] === '?') return { min: 0, max: 1 };
    const min = Number(match[1]);
    const max = match[3] !== undefined ? Number(match[3]) : match[2] ? Number.POSITIVE_INFINITY : min;
    if (min > mostRepeats || (max > mostRepeats && max !== Number.POSITIVE_INFINITY))
      throw new PatternError(`at most ${mostRepeats} repetitions`);
    if (max < min) throw new PatternError('a repetition whose bounds are out of order');
    return { min, max };
  };

  const atom = (depth: number): Node => {
    const char = String.fromCodePoint(source.codePointAt(at) ?? 0);
    if (char === '(') return group(depth);
    if (char === '[') return characterClass();
    if (char === '\\') return escaped();
    at += char.length;
    if (char === '^') return { type: 'edge', edge: 'start' };
    if (char === '$') return { type: 'edge', edge: 'end' };
    if (char === '.') return charNode('.');
    if ('*+?{'.includes(char)) throw new PatternError(`nothing to repeat before "${char}"`);
    return charNode(syntaxChars.includes(char) ? `\\${char}` : char);
  };

  const group = (depth: number): Node => {
    if (depth >= deepestGroup) throw new PatternError(`groups nested deeper than ${deepestGroup}`);
    at++;
    if (peek() === '?') {
      const opening = /^\?(?::|<[A-Za-z_]\w*>)/.exec(source.slice(at, at + 100));
      if (!opening) throw new PatternError('lookaround is not supported');
      at += opening[0].length;
    }
    const inner = alternatives(depth + 1);
    if (peek() !== ')') throw new PatternError('a group without its ")"');
    at++;
    return inner;
  };

  const characterClass = (): Node => {
    let body = '[';
    at++;
    while (at < source.length && peek() !== ']') {
      if (peek() === '\\') body += escapeText(true);
      else {
        body += peek() === '[' ? '\\[' : peek();
        at++;
      }
    }
    if (peek() !== ']') throw new PatternError('a class without its "]"');
    at++;
    return charNode(`${body}]`);
  };

  const escaped = (): Node => {
    const next = source.charAt(at + 1);
    if (next === 'b' || next === 'B') {
      at += 2;
      return { type: 'edge', edge: next === 'b' ? 'word' : 'not_word' };
    }
    return charNode(escapeText(false));
  };

  /** The escape at hand in the strict spelling of the `u` flag. Moves past it. */
  const escapeText = (inClass: boolean): string => {
    const rest = source.slice(at, at + 60);
    const match = /^\\(?:[dDwWsSfnrtv]|0(?!\d)|x[\da-fA-F]{2}|u[\da-fA-F]{4}|u\{[\da-fA-F]{1,6}\}|[pP]\{[\w=]+\})/.exec(
      rest,
    );
    if (match) {
      at += match[0].length;
      return match[0];
    }
    const char = String.fromCodePoint(source.codePointAt(at + 1) ?? 0);
    if (/^[1-9k]$/.test(char)) throw new PatternError('backreferences are not supported');
    if (at + 1 >= source.length || /^[A-Za-z0-9]$/.test(char)) throw new PatternError(`"\\${char}" is no escape`);
    at += 1 + char.length;
    const needsEscape = syntaxChars.includes(char) || (inClass && char === '-');
    return needsEscape ? `\\${char}` : char;
  };

  const node = alternatives(0);
  if (at < source.length) throw new PatternError('a ")" without its "("');
  return node;
}

function compileChar(one: string, flags: string): RegExp {
  try {
    return new RegExp(`^${one}$`, flags);
  } catch {
    throw new PatternError(`"${one}" is not a character or class`);
  }
}
