import { describe, expect, it } from 'vitest';
import { defaultReader, isFirstVisit, parseReader, storeReader } from './reader.ts';

describe('the reader of a request', () => {
  it.each([
    [null, defaultReader],
    ['', defaultReader],
    [
      'a=b; armature_zone=Europe%2FBerlin; armature_locale=de-DE; armature_theme=dark',
      { zone: 'Europe/Berlin', locale: 'de-DE', theme: 'dark' },
    ],
    ['armature_zone=Mars%2FBase; armature_locale=not+one; armature_theme=pink', defaultReader],
    ['armature_zone=%E0%A4%A; armature_locale=; armature_theme', defaultReader],
    [`armature_zone=${'A'.repeat(5000)}; armature_locale=${'a-'.repeat(5000)}`, defaultReader],
    ['not_armature_theme=dark', defaultReader],
  ])('with the cookies %j', (cookies, reader) => expect(parseReader(cookies)).toEqual(reader));

  it('is on a first visit until zone and locale are stored', () => {
    expect(isFirstVisit(null)).toBe(true);
    expect(isFirstVisit('armature_zone=UTC')).toBe(true);
    expect(isFirstVisit('armature_zone=UTC; armature_locale=en')).toBe(false);
  });
});

describe('storing a reader', () => {
  it('makes one cookie a choice, which reads as what was chosen', () => {
    const chosen = { zone: 'Asia/Tokyo', locale: 'ja', theme: 'light' };
    const cookies = storeReader(chosen);
    expect(cookies.map((cookie) => cookie.split('; ').slice(1).join('; '))).toEqual(
      Array(3).fill('Path=/; Max-Age=31536000; SameSite=Lax'),
    );
    expect(parseReader(cookies.map((cookie) => cookie.split(';')[0]).join('; '))).toEqual(chosen);
  });
  it('leaves out what is invalid', () =>
    expect(storeReader({ zone: 'a; Domain=evil.example', locale: '\r\n', theme: 'blue' })).toEqual([]));
});
