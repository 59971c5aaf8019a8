import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { describeIssue } from './input-errors.ts';

describe('words of an input that does not fit', () => {
  it.each([
    [z.array(z.string()).max(100), Array(101).fill('x'), 'At most 100 entries.'],
    [z.array(z.string()).min(1), [], 'At least 1 entry.'],
    [z.string().max(50_000), 'x'.repeat(50_001), 'At most 50,000 characters.'],
    [z.string().min(1), '', 'This is needed.'],
    [z.string().min(12), 'x', 'At least 12 characters.'],
    [z.int().max(64), 65, 'At most 64.'],
    [z.int().min(1), 0, 'At least 1.'],
    [z.int(), 1.5, 'A whole number is needed.'],
    [z.number(), Number.NaN, 'A number is needed.'],
    [z.string(), undefined, 'This is needed.'],
    [z.uuid(), 'abc', 'This is not an id.'],
    [z.string().min(1, 'Give it a name.'), '', 'Give it a name.'],
    [z.boolean(), 'x', 'Invalid input: expected boolean, received string'],
  ])('%#: is told so that a person can correct it', (schema, input, words) => {
    expect(schema.safeParse(input, { error: describeIssue }).error?.issues[0]?.message).toBe(words);
  });
});
