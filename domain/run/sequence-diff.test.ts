import { describe, expect, it } from 'vitest';
import { diffSequence, type SequenceStep } from './sequence-diff.ts';

const marks = { same: ' ', removed: '-', added: '+' } as const;
const shown = (before: string, after: string) =>
  diffSequence([...before], [...after])
    .map((step) => marks[step.op] + ('before' in step ? before[step.before] : after[step.after]))
    .join('');

describe('diffSequence', () => {
  it.each([
    ['', '', ''],
    ['abc', 'abc', ' a b c'],
    ['', 'ab', '+a+b'],
    ['ab', '', '-a-b'],
    ['abc', 'axc', ' a-b+x c'],
    ['abcabba', 'cbabac', null],
    ['aab', 'ab', ' a-a b'],
    ['ab', 'ba', '-a b+a'],
    ['search order read', 'search order order read', null],
  ])('%s → %s', (before, after, expected) => {
    if (expected !== null) expect(shown(before, after)).toBe(expected);
    const steps = diffSequence([...before], [...after]);
    expect(rebuilt(steps, 'before', before)).toBe(before);
    expect(rebuilt(steps, 'after', after)).toBe(after);
  });

  it('takes the fewest steps', () => {
    const steps = diffSequence([...'abcabba'], [...'cbabac']);
    expect(steps.filter(({ op }) => op !== 'same')).toHaveLength(5);
  });

  it('is exact over a thousand calls on each side, and bounded beyond', () => {
    const calls = Array.from({ length: 1000 }, (_, index) => `tool-${index % 7}`);
    const steps = diffSequence(calls, [...calls.slice(1), 'last']);
    expect(steps.filter(({ op }) => op === 'same')).toHaveLength(999);
    const long = Array.from({ length: 10_000 }, (_, index) => `a${index}`);
    expect(diffSequence(long, [...long].reverse())).toHaveLength(20_000);
  });
});

const rebuilt = (steps: readonly SequenceStep[], side: 'before' | 'after', text: string) =>
  steps
    .flatMap((step) => {
      if (side === 'before') return 'before' in step ? [text[step.before]] : [];
      return 'after' in step ? [text[step.after]] : [];
    })
    .join('');
