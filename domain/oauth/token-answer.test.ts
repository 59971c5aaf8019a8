import { describe, expect, it } from 'vitest';
import { classifyFailure, type HttpAnswer, readTokenAnswer } from './token-answer.ts';

const answer = (body: unknown, rest: Partial<HttpAnswer> = {}): HttpAnswer => ({
  status: 200,
  contentType: 'application/json',
  cacheControl: 'no-store',
  body: typeof body === 'string' ? body : JSON.stringify(body),
  ...rest,
});
const good = { access_token: 'at', token_type: 'Bearer', expires_in: 3600, refresh_token: 'rt', scope: 'a b' };
const broken = (read: ReturnType<typeof readTokenAnswer>) =>
  read.findings.filter(({ verdict }) => verdict === 'breaks').map(({ rule }) => rule);

describe('readTokenAnswer', () => {
  it('reads a correct answer', () => {
    const read = readTokenAnswer(answer(good));
    expect(read).toMatchObject({
      ok: true,
      tokens: {
        accessToken: 'at',
        refreshToken: 'rt',
        expiresInSeconds: 3600,
        refreshExpiresInSeconds: null,
        scope: 'a b',
      },
    });
    expect(broken(read)).toEqual([]);
  });

  it.each([
    ['no expires_in', { ...good, expires_in: undefined }, { expiresInSeconds: null }, ['token-lifetime']],
    ['expires_in null', { ...good, expires_in: null }, { expiresInSeconds: null }, ['token-lifetime']],
    ['expires_in as text', { ...good, expires_in: '60' }, { expiresInSeconds: 60 }, []],
    ['expires_in nonsense', { ...good, expires_in: 'soon' }, { expiresInSeconds: null }, ['token-lifetime']],
    ['no refresh token', { ...good, refresh_token: undefined }, { refreshToken: null }, []],
    ['an empty refresh token', { ...good, refresh_token: '' }, { refreshToken: null }, []],
    ['no token type', { ...good, token_type: undefined }, { accessToken: 'at' }, ['token-type']],
    ['a lower-case token type', { ...good, token_type: 'bearer' }, { accessToken: 'at' }, []],
    ['the end of the refresh token', { ...good, refresh_token_expires_in: 99 }, { refreshExpiresInSeconds: 99 }, []],
    ['a refresh token without end', { ...good, refresh_expires_in: 0 }, { refreshExpiresInSeconds: null }, []],
  ])('takes %s', (_, body, tokens, breaks) => {
    const read = readTokenAnswer(answer(body));
    expect(read).toMatchObject({ ok: true, tokens });
    expect(broken(read)).toEqual(breaks);
  });

  it('reads a form-encoded answer', () => {
    const body = 'access_token=at&scope=a+b&token_type=bearer&expires_in=60';
    const read = readTokenAnswer(answer(body, { contentType: 'application/x-www-form-urlencoded' }));
    expect(read).toMatchObject({ ok: true, tokens: { accessToken: 'at', scope: 'a b', expiresInSeconds: 60 } });
    expect(broken(read)).toEqual(['token-format']);
  });

  it.each([
    ['with 400', answer({ error: 'invalid_grant', error_description: 'used' }, { status: 400 }), 'invalid_grant', []],
    ['inside a 200', answer({ error: 'bad_refresh_token' }), 'bad_refresh_token', ['token-error-status']],
    [
      'inside a 200 beside a token',
      answer({ ...good, error: 'invalid_grant' }),
      'invalid_grant',
      ['token-error-status'],
    ],
    [
      'as a form',
      answer('error=invalid_grant&error_description=no', { contentType: 'text/plain' }),
      'invalid_grant',
      ['token-format', 'token-error-status'],
    ],
    ['as an object', answer({ error: { code: 'invalid_grant' } }, { status: 400 }), 'invalid_grant', []],
    [
      'as HTML',
      answer('<html>error=x</html>', { status: 502, contentType: 'text/html' }),
      'server_error',
      ['token-format'],
    ],
    ['as an empty body', answer('', { status: 200 }), 'malformed', ['token-format']],
    ['as JSON that is no object', answer('[]'), 'malformed', []],
    ['with a foreign token type', answer({ ...good, token_type: 'mac' }), 'unsupported_token_type', ['token-type']],
    ['as a token with status 400', answer(good, { status: 400 }), 'malformed', []],
  ])('reads an error %s', (_, given, error, breaks) => {
    const read = readTokenAnswer(given);
    expect(read).toMatchObject({ ok: false, error });
    expect(broken(read)).toEqual(breaks);
  });
});

describe('classifyFailure', () => {
  it.each([
    ['invalid_grant', 400, 'ended'],
    ['invalid_grant', 200, 'ended'],
    ['invalid_client', 401, 'client'],
    ['unauthorized_client', 400, 'client'],
    ['server_error', 500, 'later'],
    ['temporarily_unavailable', 400, 'later'],
    ['slow_down', 429, 'later'],
    ['malformed', 200, 'refused'],
    ['invalid_scope', 400, 'refused'],
  ])('%s with %d: %s', (error, status, expected) => {
    expect(classifyFailure({ error, status, description: null })).toBe(expected);
  });
});
