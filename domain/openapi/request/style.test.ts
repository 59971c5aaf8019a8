import { describe, expect, it } from 'vitest';
import type { ParameterPlan } from '../tool/tool.ts';
import { encode } from './encode.ts';
import { toPairs, toSegment } from './style.ts';

const values = { list: ['blue', 'black', 'brown'], object: { R: 100, G: 200, B: 150 }, one: 'blue' } as const;
type Kind = keyof typeof values;
type Row = [style: ParameterPlan['style'], explode: boolean, kind: Kind, written: string];

// The table of the OpenAPI specification 3.1.1, "Style Examples", as URLs write it.
const segments: Row[] = [
  ['simple', false, 'one', 'blue'],
  ['simple', false, 'list', 'blue,black,brown'],
  ['simple', true, 'list', 'blue,black,brown'],
  ['simple', false, 'object', 'R,100,G,200,B,150'],
  ['simple', true, 'object', 'R=100,G=200,B=150'],
  ['label', false, 'one', '.blue'],
  ['label', false, 'list', '.blue,black,brown'],
  ['label', true, 'list', '.blue.black.brown'],
  ['label', false, 'object', '.R,100,G,200,B,150'],
  ['label', true, 'object', '.R=100.G=200.B=150'],
  ['matrix', false, 'one', ';color=blue'],
  ['matrix', false, 'list', ';color=blue,black,brown'],
  ['matrix', true, 'list', ';color=blue;color=black;color=brown'],
  ['matrix', false, 'object', ';color=R,100,G,200,B,150'],
  ['matrix', true, 'object', ';R=100;G=200;B=150'],
];

const pairs: Row[] = [
  ['form', true, 'one', 'color=blue'],
  ['form', false, 'one', 'color=blue'],
  ['form', false, 'list', 'color=blue,black,brown'],
  ['form', true, 'list', 'color=blue&color=black&color=brown'],
  ['form', false, 'object', 'color=R,100,G,200,B,150'],
  ['form', true, 'object', 'R=100&G=200&B=150'],
  ['spaceDelimited', false, 'list', 'color=blue%20black%20brown'],
  ['spaceDelimited', true, 'list', 'color=blue&color=black&color=brown'],
  ['spaceDelimited', false, 'object', 'color=R%20100%20G%20200%20B%20150'],
  ['pipeDelimited', false, 'list', 'color=blue%7Cblack%7Cbrown'],
  ['pipeDelimited', false, 'object', 'color=R%7C100%7CG%7C200%7CB%7C150'],
  ['deepObject', true, 'object', 'color%5BR%5D=100&color%5BG%5D=200&color%5BB%5D=150'],
  ['deepObject', true, 'list', 'color%5B0%5D=blue&color%5B1%5D=black&color%5B2%5D=brown'],
];

const write = (style: Row[0], explode: boolean, value: unknown) =>
  toPairs({ name: 'color', style, explode }, value, encode)
    .map((pair) => pair.join('='))
    .join('&');

describe('styles', () => {
  it.each(segments)('writes %s, explode %s, of a %s into a path as %s', (style, explode, kind, written) => {
    expect(toSegment({ name: 'color', style, explode }, values[kind], encode)).toBe(written);
  });

  it.each(pairs)('writes %s, explode %s, of a %s into a query as %s', (style, explode, kind, written) => {
    expect(write(style, explode, values[kind])).toBe(written);
  });

  it.each([
    ['an empty text', 'form', '', 'color='],
    ['no list', 'form', [], ''],
    ['no members', 'form', {}, ''],
    ['null', 'form', null, ''],
    ['null in a list', 'form', ['a', null, 'b'], 'color=a&color=b'],
    ['a truth value', 'form', false, 'color=false'],
    ['zero', 'form', 0, 'color=0'],
    ['reserved characters', 'form', 'a&b=c/d ü', 'color=a%26b%3Dc%2Fd%20%C3%BC'],
    ['a list in an object', 'form', { R: [1, 2] }, 'R=%5B1%2C2%5D'],
    ['an object in an object', 'deepObject', { a: { b: { c: 1 } } }, 'color%5Ba%5D%5Bb%5D%5Bc%5D=1'],
    ['objects in a list', 'deepObject', [{ id: 1 }, { id: 2 }], 'color%5B0%5D%5Bid%5D=1&color%5B1%5D%5Bid%5D=2'],
  ] as const)('writes %s', (_, style, value, written) => {
    expect(write(style, true, value)).toBe(written);
  });
});
