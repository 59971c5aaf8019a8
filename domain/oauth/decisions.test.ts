import { describe, expect, it } from 'vitest';
import { chooseIssuer, issuerProblem } from './issuer.ts';
import { freshnessOf, isEndNear, toLifetime } from './lifetime.ts';
import {
  chooseAuthMethod,
  chooseRegistration,
  methodToRegister,
  toApplicationType,
  toClientMetadata,
} from './registration.ts';
import { chooseScope, includesScopes, joinScopes } from './scope.ts';

describe('issuers', () => {
  const issuer = 'https://as.example';
  it.each([
    [true, issuer, null],
    [true, undefined, 'missing'],
    [false, undefined, null],
    [false, issuer, null],
    [true, 'https://as.example/', 'different'],
    [false, 'https://AS.example', 'different'],
    [false, 'https://as.example:443', 'different'],
    [false, '', 'different'],
  ])('announced %s, iss %j: %j', (announcesIss, iss, expected) => {
    expect(issuerProblem({ issuer, announcesIss }, iss)).toBe(expected);
  });

  it.each([
    [['a', 'b'], null, { issuer: 'a', changed: false }],
    [['a', 'b'], 'b', { issuer: 'b', changed: false }],
    [['c'], 'b', { issuer: 'c', changed: true }],
    [[], 'b', { issuer: 'b', changed: false }],
    [[], null, { issuer: null, changed: true }],
  ])('of %j, bound to %j', (named, bound, expected) => {
    expect(chooseIssuer(named, bound)).toEqual(expected);
  });
});

describe('scopes', () => {
  it.each([
    [{ challenged: 'a b', ofResource: ['c'], offline: false }, 'a b'],
    [{ ofResource: ['c', 'd'], offline: false }, 'c d'],
    [{ offline: false }, undefined],
    [{ challenged: '', ofResource: [], offline: false }, undefined],
    [{ entered: ' x  y ', challenged: 'a', ofServer: ['offline_access'], offline: true }, 'x y'],
    [{ challenged: 'a', ofServer: ['offline_access'], offline: true }, 'a offline_access'],
    [{ ofServer: ['offline_access'], offline: true }, 'offline_access'],
    [{ challenged: 'a', ofServer: ['a'], offline: true }, 'a'],
    [{ challenged: 'a', ofServer: ['offline_access'], offline: false }, 'a'],
  ])('%j: %j', (sources, expected) => {
    expect(chooseScope(sources)).toBe(expected);
  });

  it('joins each scope once and compares them without their order', () => {
    expect(joinScopes('a b', undefined, 'b  c')).toBe('a b c');
    expect(includesScopes('a b c', 'c a')).toBe(true);
    expect(includesScopes('a', 'a b')).toBe(false);
    expect(includesScopes('', '')).toBe(true);
  });
});

describe('lifetimes', () => {
  it('renews between 70 and 80 % of the lifetime, counted from the request', () => {
    for (const random of [0, 0.25, 0.999]) {
      const { expiresAt, refreshAt } = toLifetime(1000, 100, random);
      expect(expiresAt).toBe(101_000);
      expect(refreshAt).toBeGreaterThanOrEqual(71_000);
      expect(refreshAt).toBeLessThan(81_000);
    }
    expect(toLifetime(1000, null, 0.5)).toEqual({ expiresAt: null, refreshAt: null });
    expect(toLifetime(1000, -5, 0.5)).toEqual({ expiresAt: 1000, refreshAt: 1000 });
  });

  it.each([
    [0, 'fresh'],
    [74_999, 'fresh'],
    [75_000, 'due'],
    [94_999, 'due'],
    [95_000, 'ended'],
    [500_000, 'ended'],
  ])('after %d ms a token of 100 s is %s', (now, expected) => {
    expect(freshnessOf({ expiresAt: 100_000, refreshAt: 75_000 }, now)).toBe(expected);
  });

  it('uses a token without a known end', () => {
    expect(freshnessOf({ expiresAt: null, refreshAt: null }, 1e15)).toBe('fresh');
  });

  it('uses even a token of one second', () => {
    expect(freshnessOf(toLifetime(0, 1, 0), 0)).toBe('fresh');
  });

  it.each([
    [null, 0, false],
    [72 * 3_600_000 + 1, 0, false],
    [72 * 3_600_000, 0, true],
    [10, 10, false],
  ])('end %j at %d is near: %s', (endsAt, now, expected) => {
    expect(isEndNear(endsAt, now)).toBe(expected);
  });
});

describe('registration', () => {
  const documentUrl = 'https://armature.example/oauth/client.json';
  const endpoint = 'https://as.example/register';
  it.each([
    [{}, { clientId: 'x', documentUrl }, 'known'],
    [{ client_id_metadata_document_supported: true }, { clientId: null, documentUrl }, 'metadata_document'],
    [
      { client_id_metadata_document_supported: true, registration_endpoint: endpoint },
      { clientId: null, documentUrl: null },
      'dynamic',
    ],
    [{ registration_endpoint: endpoint }, { clientId: null, documentUrl }, 'dynamic'],
    [{ client_id_metadata_document_supported: true }, { clientId: null, documentUrl: null }, 'form'],
    [{}, { clientId: null, documentUrl }, 'form'],
  ])('%j with %j: %s', (metadata, client, way) => {
    expect(chooseRegistration(metadata, client).way).toBe(way);
  });

  it('names its type, and no resource', () => {
    expect(toApplicationType('http://127.0.0.1:3000/oauth/callback')).toBe('native');
    expect(toApplicationType('http://localhost:3000/oauth/callback')).toBe('native');
    expect(toApplicationType('https://armature.example/oauth/callback')).toBe('web');
    expect(toApplicationType('http://localhost.example/oauth/callback')).toBe('web');
    expect(toClientMetadata('https://a.example/cb', 'none')).not.toHaveProperty('resource');
  });

  it.each([
    [undefined, { secret: true, privateKey: false }, 'client_secret_basic'],
    [['client_secret_post'], { secret: true, privateKey: false }, 'client_secret_post'],
    [['client_secret_post', 'client_secret_basic'], { secret: true, privateKey: false }, 'client_secret_basic'],
    [['client_secret_basic'], { secret: false, privateKey: false }, 'none'],
    [['client_secret_basic'], { secret: false, privateKey: true }, 'private_key_jwt'],
    [
      ['client_secret_basic'],
      { secret: true, privateKey: false, registeredAs: 'client_secret_post' },
      'client_secret_post',
    ],
    [undefined, { secret: true, privateKey: false, registeredAs: 'made_up' }, 'client_secret_basic'],
  ])('authenticates, where %j is taken, with %j by %s', (listed, has, expected) => {
    expect(chooseAuthMethod({ token_endpoint_auth_methods_supported: listed }, has)).toBe(expected);
  });

  it.each([
    [['none', 'client_secret_basic'], 'none'],
    [undefined, 'client_secret_basic'],
    [['client_secret_post'], 'client_secret_post'],
    [['private_key_jwt'], 'none'],
  ])('registers, where %j is taken, for %s', (listed, expected) => {
    expect(methodToRegister({ token_endpoint_auth_methods_supported: listed })).toBe(expected);
  });
});
