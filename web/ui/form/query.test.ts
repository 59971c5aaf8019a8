import { expect, it } from 'vitest';
import { toQuery } from './query.ts';

it.each([
  ['', { status: 'fail' }, 'status=fail'],
  ['status=fail&server=', { status: '' }, ''],
  ['status=fail&cursor=x&sort=name', { search: 'a b' }, 'status=fail&sort=name&search=a+b'],
  ['status=fail', { status: 'pass' }, 'status=pass'],
])('from %j, the filters %j lead to %j', (before, values, after) =>
  expect(toQuery(new URLSearchParams(before), values).toString()).toBe(after),
);
