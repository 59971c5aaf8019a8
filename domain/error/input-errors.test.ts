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
    [z.int(), 1.5, 'This must be a whole number.'],
    [z.number(), Number.NaN, 'This must be a number.'],
    [z.string(), undefined, 'This is missing.'],
    [z.enum(['a', 'b']), undefined, 'This is missing.'],
    [z.enum(['a', 'b']), 'c', 'This must be one of "a", "b".'],
    [z.literal('a'), 'c', 'This must be "a".'],
    [z.discriminatedUnion('op', [z.object({ op: z.literal('a') })]), { op: 'c' }, 'This must be "a".'],
    [z.iso.datetime(), '2026-11-27', 'This must be an ISO time such as 2026-11-27T09:00:00Z.'],
    [z.array(z.string()), 'a', 'This must be a list.'],
    [z.record(z.string(), z.string()), [], 'This must be an object.'],
    [z.string(), 5, 'This must be text.'],
    [z.strictObject({}), { a: 1 }, 'Nothing is called a here.'],
    [z.uuid(), 'abc', 'This is not an id.'],
    [z.string().min(1, 'Give it a name.'), '', 'Give it a name.'],
    [z.boolean(), 'x', 'This must be true or false.'],
    [z.union([z.string(), z.number()]), true, 'This must be text. Or: This must be a number.'],
  ])('%#: is told so that a person can correct it', (schema, input, words) => {
    expect(schema.safeParse(input, { error: describeIssue }).error?.issues[0]?.message).toBe(words);
  });
});
