import { describe, expect, it } from 'vitest';
import { nextSort, parseSort } from './sort.ts';

describe('the order of a list in its address', () => {
  it.each([
    [null, null],
    ['', null],
    ['other', null],
    ['--name', null],
    ['name', { key: 'name', descending: false }],
    ['-name', { key: 'name', descending: true }],
  ])('%j is %j', (value, sort) => expect(parseSort(value, ['name', 'at'])).toEqual(sort));

  it.each([
    ['status=fail&cursor=x', 'status=fail&sort=name'],
    ['sort=name', 'sort=-name'],
    ['sort=-name', ''],
    ['sort=-at', 'sort=name'],
  ])('from %j, a click on the name leads to %j', (before, after) =>
    expect(nextSort(new URLSearchParams(before), 'name').toString()).toBe(after),
  );
});
