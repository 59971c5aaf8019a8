import { expect, it } from 'vitest';
import { givenId } from './id.ts';

const id = '019bd5a3-1111-7111-8111-111111111111';

it.each([
  ['an id', id, id],
  ['an id in upper case', id.toUpperCase(), id.toUpperCase()],
  ['a word', 'nope', '00000000-0000-0000-0000-000000000000'],
  ['nothing', '', '00000000-0000-0000-0000-000000000000'],
  ['an id and more', `${id}' or 1=1`, '00000000-0000-0000-0000-000000000000'],
])('reads %s', (_, given, read) => {
  expect(givenId.parse(given)).toBe(read);
});

it('refuses what is no text', () => {
  expect(givenId.safeParse(5).success).toBe(false);
  expect(givenId.safeParse(undefined).success).toBe(false);
});
