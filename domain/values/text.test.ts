import { describe, expect, it } from 'vitest';
import { emailAddress, longText, nameText } from './text.ts';

describe('a name', () => {
  const parse = (text: string) => nameText('name').safeParse(text);

  it.each([
    ['Pager', 'Pager'],
    ['  Zürich 東京 🚨 ', 'Zürich 東京 🚨'],
    ['e\u0301', 'é'],
    ['👩‍🚒', '👩‍🚒'],
  ])('%j is %j', (text, expected) => {
    expect(parse(text)).toEqual({ success: true, data: expected });
  });

  it.each([
    ['nothing', ''],
    ['white space', ' \t '],
    ['a filler that shows nothing', '\u3164'],
    ['a zero-width space', '\u200b\u200b'],
    ['a blank of Braille', '\u2800'],
    ['half a character', 'a\ud800'],
    ['the other half', '\udc00a'],
    ['NUL', 'a\u0000'],
    ['a line break', 'a\nb'],
    ['a line separator', 'a\u2028b'],
    ['a reversed direction', '\u202eabc'],
    ['101 letters', 'a'.repeat(101)],
  ])('is not %s', (_, text) => {
    expect(parse(text).success).toBe(false);
  });
});

it('longer text may have lines, and no half characters', () => {
  const text = longText('description', 20);
  expect(text.safeParse('one\ntwo').success).toBe(true);
  for (const bad of ['\ud800', 'a\u0000', 'a'.repeat(21)]) expect(text.safeParse(bad).success).toBe(false);
});

describe('an e-mail address', () => {
  it.each([
    ['ada@example.com', 'ada@example.com'],
    [' Ada.Lovelace+alerts@Example.com ', 'Ada.Lovelace+alerts@example.com'],
    ['a%b@example.com', 'a%b@example.com'],
    ['ada@bücher.example', 'ada@xn--bcher-kva.example'],
    ['ada@例え.jp', 'ada@xn--r8jz45g.jp'],
    [`${'a'.repeat(64)}@example.com`, `${'a'.repeat(64)}@example.com`],
  ])('%s is %s', (text, expected) => {
    expect(emailAddress.parse(text)).toBe(expected);
  });

  it.each([
    '',
    'ada',
    '@example.com',
    'ada@',
    'ada@localhost',
    'ada@127.0.0.1',
    'ada@example..com',
    'ada@-a.com',
    '.ada@example.com',
    'ada..b@example.com',
    'ädä@example.com',
    `${'a'.repeat(65)}@example.com`,
    'Ada <ada@example.com>',
    'ada@example.com,bob@example.com',
    'ada@example.com\nbcc: bob@example.com',
    'a b@example.com',
  ])('%j is refused, with what to enter', (text) => {
    const { error } = emailAddress.safeParse(text);
    expect(error?.issues[0]?.message).toContain('ada@example.com');
  });
});
