import { describe, expect, it } from 'vitest';
import { parseChallenges, readOAuthChallenge } from './challenge.ts';

describe('parseChallenges', () => {
  it.each([
    [null, []],
    ['', []],
    ['Bearer', [{ scheme: 'bearer', parameters: {} }]],
    ['Bearer realm="a, b", scope="x y"', [{ scheme: 'bearer', parameters: { realm: 'a, b', scope: 'x y' } }]],
    [
      'Basic realm="a", Bearer error="invalid_token"',
      [
        { scheme: 'basic', parameters: { realm: 'a' } },
        { scheme: 'bearer', parameters: { error: 'invalid_token' } },
      ],
    ],
    [
      'BEARER Resource_Metadata=https://a.example/x',
      [{ scheme: 'bearer', parameters: { resource_metadata: 'https://a.example/x' } }],
    ],
    [
      String.raw`Bearer error_description="a \"b\" c"`,
      [{ scheme: 'bearer', parameters: { error_description: 'a "b" c' } }],
    ],
    ["Bearer scope='a b'", [{ scheme: 'bearer', parameters: { scope: 'a b' } }]],
    ['Bearer scope="never ends', [{ scheme: 'bearer', parameters: { scope: 'never ends' } }]],
    ['scope="x"', [{ scheme: '', parameters: { scope: 'x' } }]],
    ['Bearer scope="first", scope="second"', [{ scheme: 'bearer', parameters: { scope: 'first' } }]],
  ])('reads %j', (header, expected) => {
    expect(parseChallenges(header)).toEqual(expected);
  });

  it('reads a parameter named __proto__ as an ordinary one', () => {
    const [challenge] = parseChallenges('Bearer __proto__="x"');
    expect(Object.entries(challenge?.parameters ?? {})).toEqual([['__proto__', 'x']]);
  });

  it('reads a hostile header in linear time', () => {
    const started = performance.now();
    for (const hostile of [
      ' '.repeat(100_000),
      ', '.repeat(100_000),
      `Bearer a="${'\\'.repeat(100_000)}`,
      '='.repeat(100_000),
    ])
      parseChallenges(hostile);
    expect(performance.now() - started).toBeLessThan(1000);
  });
});

describe('readOAuthChallenge', () => {
  it.each([
    ['Bearer scope="a"', { scope: 'a' }],
    [
      'Digest nonce="1", Bearer resource_metadata="https://a.example/m", error="invalid_token"',
      { resourceMetadata: 'https://a.example/m', error: 'invalid_token' },
    ],
    ['DPoP resource_metadata="https://a.example/m"', { resourceMetadata: 'https://a.example/m' }],
    [
      'Bearer error="insufficient_scope", error_description="more"',
      { error: 'insufficient_scope', errorDescription: 'more' },
    ],
    [null, {}],
  ])('of %j', (header, expected) => {
    expect(readOAuthChallenge(header)).toEqual(expected);
  });
});
