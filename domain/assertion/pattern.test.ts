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
        return samples.flatMap((sample) => (ours(sample) === theirs.test(sample) ? [] : [{ pattern, sample }]));
      });
      expect(differing).toEqual([]);
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
    ['(a', 'without its ")"'],
    ['a)', 'without its "("'],
    ['[a', 'without its "]"'],
    ['*a', 'nothing to repeat'],
    ['a|*', 'nothing to repeat'],
    ['^*', 'nothing to repeat'],
    ['\\b+', 'nothing to repeat'],
    ['{2}', 'nothing to repeat'],
    ['a**', 'a repetition of a repetition'],
    ['a{2}{3}', 'a repetition of a repetition'],
    ['a{3,2}', 'out of order'],
    ['a{1001}', 'at most 1000'],
    ['a\\', 'is no escape'],
    ['\\q', 'is no escape'],
    ['\\01', 'is no escape'],
    ['[z-a]', 'not a character or class'],
    ['\\p{Nonsense}', 'not a character or class'],
    ['[\\w-z]', 'not a character or class'],
    ['(a{1000}){1000}', 'too large'],
    ['(((a{50}){50}){50}){50}', 'too large'],
    [`${'('.repeat(60)}a${')'.repeat(60)}`, 'nested deeper'],
    ['a'.repeat(400), 'too large'],
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
    '(((((){1000}){1000}){1000}){1000})b',
    '((a{0,10}){0,10})b',
  ])('answers %s on a long text without backtracking', (source) => {
    const started = performance.now();
    expect(compilePattern(source, '').foundIn('a'.repeat(100_000))).toBe(false);
    expect(performance.now() - started).toBeLessThan(10_000);
  });
});
