import { describe, expect, it } from 'vitest';
import { compilePattern, PatternError } from './pattern.ts';

const samples = [
  '',
  'a',
  'b',
  'ab',
  'ba',
  'aa',
  'aab',
  'abab',
  'abc',
  'ABC',
  'aXb',
  'a.b',
  'a\nb',
  '\n',
  'x\ny\n',
  '1',
  '42',
  '2026-11-21',
  'ORD-1042',
  'foo bar',
  'foobar',
  'barfoo',
  'foo',
  'bar',
  '_',
  '-',
  ']',
  '[',
  '{2}',
  'a{2}',
  '\\',
  '/',
  '$',
  '^',
  'é',
  'É',
  '😀',
  'a😀b',
  'ſ',
  'K',
  '\u2028',
  ' \t',
  'colour',
  'color',
];

/** Where RE2 is known to differ: lines end at line feeds alone, and word boundaries are those of ASCII letters. */
const isExcepted = (sample: string, flags: string) =>
  (flags.includes('m') && sample === '\u2028') || (flags.includes('i') && sample === 'ſ');

/** Matched here and by the engine's own RegExp (with the u flag) on every sample: they must agree. */
const patterns = [
  '',
  'a',
  '^a',
  'a$',
  '^a$',
  '^$',
  'a|b',
  '^(a|b)$',
  'a*',
  '^a*$',
  '^a+$',
  '^a?b$',
  'a{2}',
  '^a{2}$',
  '^a{1,}b$',
  '^a{0,2}$',
  '^(ab)*$',
  '^(ab){2}$',
  '^(?:a|ab)(?:c|bc)$',
  '(?<year>\\d{4})-\\d\\d',
  '\\d+',
  '^\\D*$',
  '\\w',
  '^\\W+$',
  '\\s',
  '^\\S+$',
  '.',
  '^.$',
  '^..$',
  '^a.b$',
  '[abc]',
  '[^abc]',
  '^[^a]*$',
  '[a-c]+$',
  '^[A-Z]+-\\d+$',
  '[\\]]',
  '[\\-]',
  '[a\\-c]',
  '[$^]',
  '\\[',
  '\\]',
  '\\\\',
  '\\/',
  '/',
  '\\.',
  '\\$',
  '\\^',
  '\\{2\\}',
  '\\bfoo\\b',
  'foo\\B',
  '\\Bfoo',
  '\\b',
  '^\\b',
  'colou?r',
  '^(foo|bar){2}$',
  '(a*)*b',
  '(a|a)*b',
  '(a?){5}b',
  'a*?b',
  '^a+?$',
  '\\u0061',
  '\\u{1F600}',
  '\\x61',
  '\\n',
  '\\t',
  '\\p{L}',
  '^\\p{Lu}+$',
  'é',
  '[é-ü]',
  '😀',
  '^a😀b$',
  '[😀]',
  '()',
  '(|a)b',
  'a||b',
  '(?:)',
  '^(a|)+$',
  '(^a|b$)',
  '[]',
  '[^]',
  '(a|b|c|foo)(b|bar)?$',
];

describe('compilePattern', { timeout: 30_000 }, () => {
  for (const flags of ['', 'i', 'm', 's', 'ims'])
    it(`agrees with RegExp under the flags "${flags}"`, () => {
      const differing = patterns.flatMap((pattern) => {
        const ours = compilePattern(pattern, flags).foundIn;
        const theirs = new RegExp(pattern, `${flags}u`);
        return samples.flatMap((sample) =>
          ours(sample) === theirs.test(sample) || isExcepted(sample, flags) ? [] : [{ pattern, sample }],
        );
      });
      expect(differing).toEqual([]);
    });

  it('ends lines at line feeds alone, and words at ASCII letters', () => {
    expect(compilePattern('^$', 'm').foundIn('a\u2028')).toBe(false);
    expect(compilePattern('^a$', 'm').foundIn('a\r\nb')).toBe(true);
    expect(compilePattern('\\b', 'i').foundIn('ſ')).toBe(false);
  });

  it('reads escapes that need none', () => {
    expect(compilePattern('\\-\\@\\#[\\@\\#]', '').foundIn('-@##')).toBe(true);
    expect(compilePattern(']}', '').foundIn('a]}')).toBe(true);
  });

  it.each([
    ['(a)\\1', 'backreferences'],
    ['(?<x>a)\\k<x>', 'backreferences'],
    ['(?=a)', 'lookaround'],
    ['(?!a)', 'lookaround'],
    ['(?<=a)b', 'lookaround'],
    ['(?<!a)b', 'lookaround'],
    ['(?i:a)', 'lookaround'],
    ['(a', 'missing closing )'],
    ['a)', 'unexpected )'],
    ['[a', 'missing closing ]'],
    ['*a', 'missing argument to repetition operator'],
    ['a|*', 'missing argument to repetition operator'],
    ['{2}', 'missing argument to repetition operator'],
    ['a**', 'invalid nested repetition operator'],
    ['a{2}{3}', 'invalid nested repetition operator'],
    ['a{3,2}', 'invalid repeat count'],
    ['a{1001}', 'invalid repeat count'],
    ['a\\', 'is not an escape'],
    ['\\q', 'is not an escape'],
    ['[z-a]', 'invalid character class range'],
    ['\\p{Nonsense}', 'invalid character class range'],
    ['(a{1000}){1000}', 'invalid repeat count'],
    ['(((a{50}){50}){50}){50}', 'invalid repeat count'],
    ['(((((){1000}){1000}){1000}){1000})b', 'invalid repeat count'],
    ['a'.repeat(400), 'too large'],
    ['[a]'.repeat(2000), 'too large'],
  ])('refuses %s: %s', (source, reason) => {
    expect(() => compilePattern(source, '')).toThrow(PatternError);
    expect(() => compilePattern(source, '')).toThrow(reason);
  });

  it.each(['x', 'ii', 'y', 'v', 'I'])('refuses the flags "%s"', (flags) => {
    expect(() => compilePattern('a', flags)).toThrow(PatternError);
  });

  it.each([
    '(a|a)*b',
    '(a+)+b',
    '(a*)*b',
    '(.*)*x',
    '.*.*.*.*.*x',
    '(a|aa)+b',
    '([a-zA-Z]+)*1',
    '(a?){100}b',
    '(a?){100}[bc]',
    'a(a|b){120}[cd]',
    '((a{0,10}){0,10})b',
  ])('answers %s on a long text without backtracking', (source) => {
    // A backtracking engine would exceed the test's time limit.
    expect(compilePattern(source, '').foundIn('a'.repeat(100_000))).toBe(false);
  });
});
