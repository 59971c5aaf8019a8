import { describe, expect, it } from 'vitest';
import { type CredentialTarget, carryCredential, connection, describeSource, readCredential } from './connection.ts';

const of = (given: object) => connection.parse({ check: { kind: 'presence_only' }, ...given });
const basic = { target: { in: 'basic' } };
const apiKey = { source: { in: 'header', name: 'X-Api-Key' } };

describe('what a caller sent', () => {
  it.each<[string, object, string, string | null]>([
    ['a bearer token', {}, 'Bearer abc.def', 'abc.def'],
    ['a scheme in other letters', {}, 'bearer   abc ', 'abc'],
    ['no scheme', {}, 'abc', null],
    ['another scheme', {}, 'Token abc', null],
    ['a scheme without credential', {}, 'Bearer ', null],
    ['basic where a token is expected', {}, `Basic ${btoa('a:b')}`, null],
    ['basic', basic, `Basic ${btoa('ada:pass:word')}`, 'ada:pass:word'],
    ['basic as a token', basic, 'Bearer ada:password', 'ada:password'],
    ['basic without a password', basic, `Basic ${btoa('ada')}`, null],
    ['basic of control characters', basic, `Basic ${btoa('ada:a\r\nb')}`, null],
    ['basic that is no base64', basic, 'Basic %%%', null],
    ['a header of its own', apiKey, ' abc ', 'abc'],
    ['an empty header', apiKey, '  ', null],
    ['line breaks', { source: { in: 'query', name: 'key' } }, 'a\r\nX-Evil: 1', null],
    ['too much', apiKey, 'x'.repeat(8001), null],
  ])('%s', (_, given, sent, expected) => {
    expect(readCredential(of(given), sent)).toBe(expected);
  });

  it.each([
    [{}, 'the header "Authorization: Bearer <credential>"'],
    [basic, 'the header "Authorization: Bearer <user>:<password>"'],
    [apiKey, 'the header "X-Api-Key: <credential>"'],
    [{ source: { in: 'query', name: 'key' } }, 'the query parameter key=<credential>'],
  ])('is described: %j', (given, expected) => {
    expect(describeSource(of(given))).toBe(expected);
  });
});

it.each<[CredentialTarget, object]>([
  [
    { in: 'header', name: 'X-Key', format: 'Key {credential}!' },
    { headers: { 'X-Key': 'Key a$&b!' }, query: {} },
  ],
  [
    { in: 'query', name: 'key', format: '{credential}' },
    { headers: {}, query: { key: 'a$&b' } },
  ],
  [
    { in: 'cookie', name: 'sid', format: '{credential}; x' },
    { headers: { cookie: 'sid=a$&b%3B%20x' }, query: {} },
  ],
  [{ in: 'basic' }, { headers: { authorization: `Basic ${btoa('a$&b')}` }, query: {} }],
])('a credential goes to the API as %j', (target, expected) => {
  expect(carryCredential(target, 'a$&b')).toEqual(expected);
});

it.each<[string, object]>([
  ['a format without credential', { target: { in: 'header', name: 'A', format: 'Bearer' } }],
  ['a format with line breaks', { target: { in: 'header', name: 'A', format: '{credential}\r\nB: c' } }],
  ['a header of the connection', { target: { in: 'header', name: 'Content-Length' } }],
  ['an endpoint of another origin', { check: { kind: 'endpoint', path: '//evil.example.com/me' } }],
  ['an endpoint that is a URL', { check: { kind: 'endpoint', path: 'https://evil.example.com' } }],
  ['an endpoint above the base URL', { check: { kind: 'endpoint', path: '/a/../../me' } }],
  ['an encoded way up', { check: { kind: 'endpoint', path: '/%2e%2e/me' } }],
])('%s is refused', (_, given) => {
  expect(connection.safeParse({ check: { kind: 'presence_only' }, ...given }).success).toBe(false);
});
