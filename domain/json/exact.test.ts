import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compareNumbers, ExactNumber, listExactNumbers, parseExactly, readNumber, withExactNumbers } from './exact.ts';

const compare = (a: string, b: string) => Math.sign(compareNumbers(readNumber(a), readNumber(b)));

describe('JSON numbers', () => {
  it.each([
    ['9007199254740993', '9007199254740992', 1],
    ['9007199254740993', '9007199254740993', 0],
    ['-9007199254740993', '-9007199254740992', -1],
    ['9007199254740993', '9007199254740993.0', 0],
    ['90071992547409930e-1', '9007199254740993', 0],
    ['0.12345678901234567891', '0.1234567890123456789', 1],
    ['1.50', '1.5', 0],
    ['1e400', '1e401', -1],
    ['-1e400', '1e-400', -1],
    ['1e-400', '0', 1],
    ['0', '-0', 0],
    ['0.0e5', '0', 0],
    ['1e21', '1000000000000000000000', 0],
    ['1e21', '1000000000000000000001', -1],
    ['123456789012345678901234567890', '99999999999999999999', 1],
  ])('%s compares with %s: %i', (a, b, order) => {
    expect(compare(a, b)).toBe(order);
    expect(compare(b, a) + order).toBe(0);
  });

  it('are plain numbers where JavaScript keeps them', () => {
    for (const source of ['1', '-0.1', '1e21', '1.50', '9007199254740991', '5e-324', '1.7976931348623157e308'])
      expect(readNumber(source)).toBe(Number(source));
    for (const source of ['9007199254740993', '1e400', '0.1000000000000000055'])
      expect(readNumber(source)).toBeInstanceOf(ExactNumber);
  });

  it('compare whole numbers of any length as BigInt does', () => {
    fc.assert(
      fc.property(fc.bigInt(), fc.bigInt(), (a, b) => {
        expect(compare(`${a}`, `${b}`)).toBe(a < b ? -1 : a > b ? 1 : 0);
      }),
    );
  });

  it('compare others as numbers do', () => {
    const finite = fc.double({ noNaN: true, noDefaultInfinity: true });
    fc.assert(
      fc.property(finite, finite, (a, b) => {
        expect(Math.sign(compareNumbers(new ExactNumber(`${a}`), new ExactNumber(`${b}`)))).toBe(Math.sign(a - b) || 0);
      }),
    );
  });

  it('take no time by their exponent', () => {
    expect(compare('1e999999999', '1e-999999999')).toBe(1);
    expect(compare(`1e${'9'.repeat(10_000)}`, '1')).toBe(1);
  });
});

describe('parsing JSON exactly', () => {
  it('keeps the digits of numbers, and nothing else changes', () => {
    const text = '{"id":9007199254740993,"list":[0.1,12345678901234567890],"text":"9007199254740993","n":null}';
    const parsed = parseExactly(text);
    expect(JSON.stringify(parsed)).toBe(text);
    expect(parsed).toMatchObject({ list: [0.1, expect.any(ExactNumber)], text: '9007199254740993', n: null });
  });

  it('reads any JSON as plain parsing does', () => {
    fc.assert(
      fc.property(fc.json(), (text) => {
        expect(JSON.parse(JSON.stringify(parseExactly(text)) ?? 'null')).toEqual(JSON.parse(text));
      }),
    );
  });

  it('reads what is nested beyond the stack, and refuses what is no JSON', () => {
    const deep = `${'['.repeat(200_000)}9007199254740993${']'.repeat(200_000)}`;
    expect(Array.isArray(parseExactly(deep))).toBe(true);
    expect(() => parseExactly('{"a":9007199254740993')).toThrow(SyntaxError);
  });

  it('defines own properties for any name', () => {
    expect(Object.keys(Object(parseExactly('{"__proto__":9007199254740993}')))).toEqual(['__proto__']);
  });
});

describe('exact numbers apart from their value', () => {
  const text =
    '{"a":{"b/c":[1,9007199254740993],"~":1e400},"__proto__":12345678901234567890,"n":1,"1":{"":9007199254740995}}';
  it('come back to their places', () => {
    const numbers = listExactNumbers(parseExactly(text)) ?? {};
    expect(Object.keys(numbers).sort()).toEqual(['/1/', '/__proto__', '/a/b~1c/1', '/a/~0']);
    expect(JSON.stringify(withExactNumbers(JSON.parse(text), numbers))).toBe(JSON.stringify(parseExactly(text)));
  });

  it('change nothing where the value has no number', () => {
    const value = { a: 'x', b: { c: 1 } };
    const numbers = {
      '/a': '1',
      '/b': '1',
      '/b/d': '1',
      '/b/c/e': '1',
      '/x/y': '1',
      '': '1',
      a: '1',
      '/__proto__/x': '1',
    };
    expect(withExactNumbers(value, numbers)).toEqual(value);
  });

  it('are not kept where there are too many', () => {
    const list = `[${Array.from({ length: 1001 }, () => '9007199254740993').join()}]`;
    expect(listExactNumbers(parseExactly(list))).toBeNull();
    expect(listExactNumbers(parseExactly(`{"${'k'.repeat(70_000)}":9007199254740993}`))).toBeNull();
    expect(listExactNumbers(parseExactly('[1,2]'))).toEqual({});
  });
});
