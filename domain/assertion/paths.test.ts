import { describe, expect, it } from 'vitest';
import { readPath } from '../json/path.ts';
import { listResultPaths } from './paths.ts';

const document = {
  products: [{ sku: 'MUG-001', price: 12.5, 'odd key': true }, { sku: 'MUG-002' }],
  total: 2,
  none: [],
  nothing: null,
};

describe('the paths of a result', () => {
  it('lead to its values', () => {
    const paths = listResultPaths(document, 50);
    expect(paths.map(({ example }) => example)).toEqual(['"MUG-001"', '12.5', 'true', '2', 'null']);
    expect(paths.map(({ path }) => readPath(document, path))).toEqual(
      ['MUG-001', 12.5, true, 2, null].map((value) => ({ found: true, value })),
    );
  });

  it('are no more than asked for, of limited depth, with cut examples', () => {
    expect(listResultPaths(document, 2)).toHaveLength(2);
    let deep: unknown = 1;
    for (let depth = 0; depth < 50; depth += 1) deep = { in: deep };
    expect(listResultPaths(deep, 50)).toEqual([]);
    expect(listResultPaths({ text: 'x'.repeat(1000) }, 1)[0]?.example.length).toBeLessThan(100);
    expect(listResultPaths('text', 50)).toEqual([]);
  });
});
