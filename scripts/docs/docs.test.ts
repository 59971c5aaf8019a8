import { expect, it } from 'vitest';
import { readDocuments } from './generate.ts';

it.each(await readDocuments())(
  '$file says what the code says: run `npm run docs` after a change',
  ({ is, shouldBe }) => {
    expect(is).toBe(shouldBe);
  },
);
