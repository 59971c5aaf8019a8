import { describe, expect, it } from 'vitest';
import { commentProblems } from './comments.ts';

const words = (length: number) => 'é'.repeat(length);
const problems = (text: string) => commentProblems(new Map([['a.ts', text]]));

describe('commentProblems', () => {
  it('counts columns, not bytes, from 121', () => {
    expect(problems(`// ${words(117)}`)).toEqual([]);
    expect(problems(`\n// ${words(118)}`)).toEqual(['a.ts:2 has 121 columns.']);
  });

  it.each(['/** ', ' * ', '  // ', 'const a = 1; // ', 'const a = 1; /* ', '{/* ', '# ', '-- '])(
    'recognizes a comment that begins with "%s"',
    (start) => {
      expect(problems(start + words(121))).toHaveLength(1);
    },
  );

  it('leaves long lines of code to the formatter', () => {
    expect(problems(`const a = 'https://${words(121)}';`)).toEqual([]);
  });
});
