import { expect, it } from 'vitest';
import { createLogger } from '../../infra/logger/index.ts';
import { forEachConcurrent } from './concurrency.ts';

const log = createLogger({ level: 'silent', process: 'test' });
const items = Array.from({ length: 40 }, (_, index) => index);

it('works on no more items at a time than allowed, and reports each', async () => {
  let active = 0;
  let highest = 0;
  let reported = 0;
  await forEachConcurrent(items, { concurrency: 4, onProgress: () => reported++, log }, async () => {
    active += 1;
    highest = Math.max(highest, active);
    await Promise.resolve();
    active -= 1;
  });
  expect({ highest, reported }).toEqual({ highest: 4, reported: 40 });
});

it('goes on after a failure', async () => {
  const done: number[] = [];
  await forEachConcurrent(items, { concurrency: 4, onProgress: () => {}, log }, async (item) => {
    if (item % 2) throw new Error('odd');
    done.push(item);
  });
  expect(done).toHaveLength(20);
});

it('gives up after ten consecutive failures', async () => {
  let begun = 0;
  const work = async () => {
    begun += 1;
    throw new Error('outage');
  };
  await expect(forEachConcurrent(items, { concurrency: 1, onProgress: () => {}, log }, work)).rejects.toThrow('outage');
  expect(begun).toBe(10);
});
