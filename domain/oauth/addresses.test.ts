import { describe, expect, it } from 'vitest';
import {
  canonicalResource,
  coversServer,
  isConfidential,
  resourceMetadataAddresses,
  serverMetadataAddresses,
} from './addresses.ts';

describe('well-known addresses', () => {
  it.each([
    [
      'https://a.example/mcp',
      [
        'https://a.example/.well-known/oauth-protected-resource/mcp',
        'https://a.example/.well-known/oauth-protected-resource',
      ],
    ],
    [
      'https://a.example/x/mcp/?a=1',
      [
        'https://a.example/.well-known/oauth-protected-resource/x/mcp',
        'https://a.example/.well-known/oauth-protected-resource',
      ],
    ],
    ['https://a.example:8443/', ['https://a.example:8443/.well-known/oauth-protected-resource']],
  ])('of the resource %s', (url, expected) => {
    expect(resourceMetadataAddresses(url)).toEqual(expected);
  });

  it.each([
    [
      'https://as.example',
      [
        'https://as.example/.well-known/oauth-authorization-server',
        'https://as.example/.well-known/openid-configuration',
      ],
    ],
    [
      'https://as.example/',
      [
        'https://as.example/.well-known/oauth-authorization-server',
        'https://as.example/.well-known/openid-configuration',
      ],
    ],
    [
      'https://as.example/tenant',
      [
        'https://as.example/.well-known/oauth-authorization-server/tenant',
        'https://as.example/.well-known/openid-configuration/tenant',
        'https://as.example/tenant/.well-known/openid-configuration',
      ],
    ],
  ])('of the issuer %s', (issuer, expected) => {
    expect(serverMetadataAddresses(issuer)).toEqual(expected);
  });
});

describe('resources', () => {
  it.each([
    ['https://A.example/mcp?x=1#y', 'https://a.example/mcp'],
    ['https://a.example/', 'https://a.example'],
    ['https://a.example:8443/mcp/', 'https://a.example:8443/mcp/'],
  ])('writes %s as %s', (url, expected) => {
    expect(canonicalResource(url)).toBe(expected);
  });

  it.each([
    ['https://a.example/mcp', 'https://a.example/mcp', true],
    ['https://a.example', 'https://a.example/mcp', true],
    ['https://a.example/mcp/', 'https://a.example/mcp', true],
    ['https://a.example/mc', 'https://a.example/mcp', false],
    ['https://a.example/mcp/other', 'https://a.example/mcp', false],
    ['https://b.example/mcp', 'https://a.example/mcp', false],
    ['http://a.example/mcp', 'https://a.example/mcp', false],
    ['nonsense', 'https://a.example/mcp', false],
  ])('%s for the server %s: %s', (resource, server, expected) => {
    expect(coversServer(resource, server)).toBe(expected);
  });

  it.each([
    ['https://a.example', true],
    ['http://a.example', false],
    ['http://127.0.0.1:3000/x', true],
    ['http://localhost:1', true],
    ['http://[::1]:1', true],
    ['http://127.0.0.1.evil.example', false],
    ['http://localhost.evil.example', false],
    ['ftp://localhost', false],
    ['nonsense', false],
  ])('%s is confidential: %s', (address, expected) => {
    expect(isConfidential(address)).toBe(expected);
  });
});
