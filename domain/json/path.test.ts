import { describe, expect, it } from 'vitest';
import { parsePath, readPath } from './path.ts';

const document = JSON.parse(`{
  "id": "o-1", "none": null, "zero": 0, "no": false, "empty": "",
  "items": [{ "id": "a" }, { "id": "b", "tags": ["x", "y"] }],
  "grid": [[1, 2], [3, 4]],
  "a.b": { "c d": 1 }, "10": "ten", "__proto__": { "polluted": true }, "constructor": "mine"
}`);

describe('readPath', () => {
  it.each([
    ['id', 'o-1'],
    ['none', null],
    ['zero', 0],
    ['no', false],
    ['empty', ''],
    ['items.0.id', 'a'],
    ['items[0].id', 'a'],
    ['items[1].tags[1]', 'y'],
    ['items.1.tags.0', 'x'],
    ['grid[1][0]', 3],
    ['grid.1[0]', 3],
    ['$.id', 'o-1'],
    ['$["a.b"]["c d"]', 1],
    ['["a.b"].c d', 1],
    ['10', 'ten'],
    ['[10]', 'ten'],
    ['__proto__.polluted', true],
    ['constructor', 'mine'],
    ['', document],
    ['$', document],
  ])('%s is found', (path, value) => {
    expect(readPath(document, path)).toEqual({ found: true, value });
  });

  it.each([
    'missing',
    'id.length',
    'items.length',
    'items.2',
    'items.-1',
    'items.01.id',
    'items.x',
    'items.map',
    'none.x',
    'zero.toFixed',
    'toString',
    'items.constructor',
    'items.__proto__',
    'grid.0.__proto__.length',
    'hasOwnProperty',
    'items..0',
    '.id',
    'id.',
    'items[',
    'items[]',
    'items[x]',
    'items]0[',
    'items[0]id',
    '$.',
    '["bad \\q"]',
  ])('%s is not found', (path) => {
    expect(readPath(document, path)).toEqual({ found: false });
  });

  it('finds nothing in what is not an object', () => {
    for (const value of [undefined, null, 'text', 3, true]) expect(readPath(value, 'a')).toEqual({ found: false });
  });

  it('does not run getters', () => {
    const trap = Object.defineProperty({}, 'a', { get: () => expect.unreachable('the getter ran') });
    expect(readPath(trap, 'a')).toEqual({ found: false });
  });

  it('reads a very long path without recursion', () => {
    const depth = 20_000;
    expect(parsePath(Array(depth).fill('a').join('.'))).toHaveLength(depth);
    expect(readPath({ a: {} }, Array(depth).fill('a').join('.'))).toEqual({ found: false });
  });
});
