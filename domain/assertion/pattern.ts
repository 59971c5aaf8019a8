import { type Edge, type Node, PatternError, parsePattern } from './pattern-syntax.ts';

export { PatternError } from './pattern-syntax.ts';

/**
 * `foundIn`: true when the pattern is found anywhere in the text, of which the first `longestText` characters are read. Its time
 * is at most text length × `size`.
 */
export type Pattern = { foundIn(text: string): boolean; size: number };

/** Longest text that a pattern reads, in UTF-16 units. */
export const longestText = 100_000;
const mostSteps = 300;

type Step =
  | { type: 'char'; test: RegExp; ascii: Int8Array; next: number }
  | { type: 'fork'; ways: number[] }
  | { type: 'edge'; edge: Edge; next: number }
  | { type: 'found' };

/**
 * Compiles a regular expression to a matcher whose time is bounded by text length × pattern size, whatever the two say: all
 * ways through the pattern advance together, character by character (Thompson's construction), so nothing backtracks. The
 * engine's own RegExp can't be used: `(a|a)*b` or `.*.*.*x` against a hostile tool result would hang the process.
 *
 * @throws PatternError on what it can't do this way (see `parsePattern`), on unknown flags and on oversized patterns.
 */
export function compilePattern(source: string, flags: string): Pattern {
  if (!/^[imsug]*$/.test(flags) || new Set(flags).size !== flags.length)
    throw new PatternError('the flags may be i, m, s, u and g, each once');
  const steps = assemble(parsePattern(source, flags.includes('i'), flags.includes('s')));
  const edges = { multiline: flags.includes('m'), word: flags.includes('i') ? /\w/iu : /\w/ };
  return { size: steps.length, foundIn: (text) => search(steps, text.slice(0, longestText), edges) };
}

/** Lays the tree out as steps, from the end backwards: step 0 is `found`, the last one the start. */
function assemble(root: Node): Step[] {
  const steps: Step[] = [{ type: 'found' }];
  const add = (step: Step): number => {
    if (steps.length >= mostSteps) throw new PatternError('the pattern is too large: use fewer or smaller repetitions');
    return steps.push(step) - 1;
  };
  /** Lays out `node` so that it goes on to step `next`; gives the step it starts at. */
  const lay = (node: Node, next: number): number => {
    switch (node.type) {
      case 'empty':
        return next;
      case 'char':
        return add({ type: 'char', test: node.test, ascii: new Int8Array(128), next });
      case 'edge':
        return add({ type: 'edge', edge: node.edge, next });
      case 'all':
        return node.nodes.reduceRight((after, each) => lay(each, after), next);
      case 'any':
        return add({ type: 'fork', ways: node.nodes.map((each) => lay(each, next)) });
      case 'repeat':
        return layRepeat(node, next);
    }
  };
  const layRepeat = ({ node, min, max }: Extract<Node, { type: 'repeat' }>, next: number): number => {
    let start = next;
    if (max === Number.POSITIVE_INFINITY) {
      const ways: number[] = [];
      start = add({ type: 'fork', ways });
      ways.push(lay(node, start), next);
    } else for (let more = max - min; more > 0; more--) start = add({ type: 'fork', ways: [lay(node, start), next] });
    for (let needed = min; needed > 0; needed--) {
      const laid = lay(node, start);
      // Nothing was laid out, so that nested repetitions of nothing don't count to a million here.
      if (laid === start) break;
      start = laid;
    }
    return start;
  };
  const start = lay(root, 0);
  steps.push({ type: 'fork', ways: [start] });
  return steps;
}

/** `word`: what `\b` takes for a word's letter. */
type Edges = { multiline: boolean; word: RegExp };

function search(steps: Step[], text: string, edges: Edges): boolean {
  const start = steps.length - 1;
  /** At which position a step was last reached, so that each is walked once a position and empty loops end. */
  const reached = new Int32Array(steps.length).fill(-1);
  let waiting: number[] = [];
  const pending: number[] = [];

  let before = '';
  for (let at = 0; ; ) {
    const char = at < text.length ? String.fromCodePoint(text.codePointAt(at) ?? 0) : '';
    const here: number[] = [];
    pending.push(...waiting, start);
    while (pending.length > 0) {
      const index = pending.pop() ?? 0;
      if (reached[index] === at) continue;
      reached[index] = at;
      const step = steps[index];
      if (step?.type === 'found') return true;
      if (step?.type === 'char') here.push(index);
      else if (step?.type === 'fork') pending.push(...step.ways);
      else if (step?.type === 'edge' && holds(step.edge, before, char, edges)) pending.push(step.next);
    }
    if (char === '') return false;
    waiting = [];
    for (const index of here) {
      const step = steps[index];
      if (step?.type === 'char' && accepts(step, char)) waiting.push(step.next);
    }
    before = char;
    at += char.length;
  }
}

/** Asking a RegExp per character is slow; ASCII answers are kept (1 yes, -1 no, 0 not asked). */
function accepts(step: Extract<Step, { type: 'char' }>, char: string): boolean {
  const code = char.charCodeAt(0);
  if (code >= 128) return step.test.test(char);
  if (step.ascii[code] === 0) step.ascii[code] = step.test.test(char) ? 1 : -1;
  return step.ascii[code] === 1;
}

function holds(edge: Edge, before: string, after: string, { multiline, word }: Edges): boolean {
  const wall = (char: string) => char === '' || (multiline && /[\n\r\u2028\u2029]/.test(char));
  switch (edge) {
    case 'start':
      return wall(before);
    case 'end':
      return wall(after);
    case 'word':
      return word.test(before) !== word.test(after);
    case 'not_word':
      return word.test(before) === word.test(after);
  }
}
