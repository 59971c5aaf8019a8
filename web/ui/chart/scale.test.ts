import { describe, expect, it } from 'vitest';
import { ceiling, nearest, spread, stretches } from './scale.ts';

describe('the scale of a chart', () => {
  it.each([
    [[], 1],
    [[0], 1],
    [[3, 1], 4],
    [[41], 50],
    [[99], 100],
    [[1200], 2000],
  ])('of %j ends at %d', (values, end) => expect(ceiling(values)).toBe(end));

  it.each([
    [[], []],
    [[1, 2], [[1, 2]]],
    [
      [null, 1, null, null, 2, 3],
      [[1], [2, 3]],
    ],
  ])('draws %j as %j', (values, lines) => expect(stretches(values, (value) => value !== null)).toEqual(lines));

  it.each([
    [0, 5, []],
    [3, 5, [0, 1, 2]],
    [10, 5, [0, 2, 4, 6, 8]],
    [11, 5, [0, 3, 6, 9]],
  ])('labels %d points with at most %d', (length, count, labeled) =>
    expect(spread([...Array(length).keys()], count)).toEqual(labeled),
  );

  it.each([
    [[], 0.5, null],
    [[0.2], 1, 0],
    [[0, 0.5, 1], 0.7, 1],
    [[0, 0.5, 1], 0.8, 2],
  ])('finds among %j the nearest to %d', (places, at, index) => expect(nearest(places, at)).toBe(index));
});
