import { describe, expect, it } from 'vitest';
import { signInRules } from './rules.ts';
import { maskAddress, maskBody, maskParameters } from './trace.ts';

const same = (text: string) => text;

describe('the trace of a sign-in', () => {
  it('keeps no secret of a request', () => {
    const shown = maskParameters([
      ['grant_type', 'refresh_token'],
      ['client_id', 'c'],
      ['client_secret', 's3cret'],
      ['refresh_token', 'rt'],
      ['code', 'c0de'],
      ['code_verifier', 'v'],
      ['code_challenge', 'public'],
      ['client_assertion', 'jwt'],
      ['state', 'st'],
    ]);
    expect(shown).toEqual({
      grant_type: 'refresh_token',
      client_id: 'c',
      client_secret: '[secret]',
      refresh_token: '[secret]',
      code: '[secret]',
      code_verifier: '[secret]',
      code_challenge: 'public',
      client_assertion: '[secret]',
      state: '[secret]',
    });
    expect(maskAddress('https://a.example/cb?code=abc&iss=https%3A%2F%2Fas.example')).toBe(
      'https://a.example/cb?code=%5Bsecret%5D&iss=https%3A%2F%2Fas.example',
    );
  });

  it.each([
    ['JSON', '{"access_token":"SECRETVALUE","token_type":"Bearer","nested":{"id_token":"SECRETVALUE"}}'],
    ['a form', 'access_token=SECRETVALUE&token_type=bearer'],
  ])('keeps no secret of an answer in %s', (_, body) => {
    const shown = maskBody(body, same);
    expect(shown).not.toContain('SECRETVALUE');
    expect(shown.toLowerCase()).toContain('bearer');
  });

  it('cuts long bodies and masks known secrets', () => {
    expect(maskBody('x'.repeat(100_000), same).length).toBeLessThan(5000);
    expect(maskBody('<p>KNOWN</p>', (text) => text.replace('KNOWN', '…'))).toBe('<p>…</p>');
    expect(() => maskBody('['.repeat(3000) + ']'.repeat(3000), same)).not.toThrow();
  });
});

describe('the rules', () => {
  it.each(Object.entries(signInRules))(
    '%s says what to do, and where it is written',
    (id, { title, remedy, reference }) => {
      expect(id).toMatch(/^[a-z0-9-]+$/);
      expect(title).not.toMatch(/\.$/);
      expect(remedy).toMatch(/\.$/);
      expect(URL.canParse(reference)).toBe(true);
    },
  );
});
