import { describe, expect, it } from 'vitest';
import { compactJson, hasInfiniteNumber, sameJson } from './json.ts';

const deep = (leaf: string) => JSON.parse(`${'['.repeat(20_000)}${leaf}${']'.repeat(20_000)}`);

const pairs: [unknown, unknown, boolean][] = [
  [1, 1, true],
  [1, '1', false],
  [null, undefined, false],
  [null, {}, false],
  [undefined, undefined, true],
  [true, 'true', false],
  [[], {}, false],
  [[1, 2], [2, 1], false],
  [[1], [1, undefined], false],
  [{ a: 1, b: { c: [2] } }, { b: { c: [2] }, a: 1 }, true],
  [{ a: 1 }, { a: 1, b: undefined }, false],
  [{ a: 1 }, { b: 1 }, false],
  [{ 'a":1,"b': 1 }, { a: 1, b: 1 }, false],
  [['a,b'], ['a', 'b'], false],
  [JSON.parse('{"__proto__":{"a":1}}'), JSON.parse('{"__proto__":{"a":1}}'), true],
  [JSON.parse('{"__proto__":{"a":1}}'), {}, false],
  [deep('1'), deep('1'), true],
  [deep('1'), deep('2'), false],
];

describe('sameJson', () => {
  it('compares by value, whatever the order of keys', () => {
    for (const [one, other, expected] of pairs) {
      expect(sameJson(one, other)).toBe(expected);
      expect(sameJson(other, one)).toBe(expected);
    }
  });
});

describe('compactJson', () => {
  it('gives null for what no stack can hold', () => {
    expect(compactJson({ a: [1, 'x'] })).toBe('{"a":[1,"x"]}');
    expect(compactJson(deep('1'))).toBeNull();
  });
});

describe('hasInfiniteNumber', () => {
  it('finds numbers that JSON would turn into null, at any depth', () => {
    expect(hasInfiniteNumber(JSON.parse('{"a":[{"b":1e999}]}'))).toBe(true);
    expect(hasInfiniteNumber(deep('-1e999'))).toBe(true);
    expect(hasInfiniteNumber(JSON.parse('{"a":[1e308,"1e999",null,true]}'))).toBe(false);
  });
});
