import { describe, expect, it } from 'vitest';
import { parseAssertion } from './parse.ts';
import { printAssertion } from './print.ts';

const lines = [
  'calls `a`',
  'calls `a` exactly once',
  'calls `a` at least twice',
  'calls `a` at most 12 times',
  'calls `a` exactly 0 times',
  'never calls `a b`',
  'calls "back`tick"',
  'calls `a` before `b`',
  '`a` fails',
  '`a` never fails',
  '`a` result contains "say \\"hi\\"\\n"',
  '`a` result does not contain "x"',
  '`a` result matches /ORD-\\d+/i',
  '`a` result does not match /[/"]/',
  '`a` result matches "a/b"',
  '`a` result field `order.lines[0].id` exists',
  '`a` result field `["odd key"].id` does not exist',
  '`a` result field `total` equals 12345678901234567890',
  '`a` result field `total` does not equal "39"',
  '`a` result field `tags` contains null',
  '`a` result field `tags` does not contain true',
  '`a` result field `name` matches /^x$/m',
  '`a` result field `total` is at least 1.5',
  '`a` result field `total` is at most -2',
  '`a` result field `total` is greater than 1e3',
  '`a` result field `total` is less than 3',
  '`a` result fits its output schema',
  '`a` is called with `lines[0].quantity` = 2',
  '`a` is never called with `note` = ""',
];

const read = (line: string) => {
  const parsed = parseAssertion(line);
  if (!parsed.ok) throw new Error(`${line}: ${parsed.expected}`);
  const { assertion } = parsed;
  if (!('tool' in assertion || 'first' in assertion)) throw new Error(`${line} is about no tool`);
  return assertion;
};

describe('a printed assertion', () => {
  it.each(lines)('is read as the same: %s', (line) => {
    const assertion = read(line);
    const printed = printAssertion(assertion) ?? '';
    expect(JSON.stringify(read(printed))).toBe(JSON.stringify(assertion));
  });

  it.each(['a', 'a b', 'result', 'back`tick', ' spaces ', 'a"b', 'never', 'line\nbreak'])(
    'can name the tool %j',
    (tool) => {
      for (const line of lines) {
        const assertion = read(line);
        if (!('tool' in assertion)) continue;
        expect(read(printAssertion({ ...assertion, tool }) ?? '')).toMatchObject({ kind: assertion.kind, tool });
      }
    },
  );

  it('is none where no line is read as what is meant', () => {
    expect(printAssertion({ kind: 'called_with', tool: 'a', path: 'a`b', value: 1, negated: false })).toBeNull();
    const unwritable = { source: 'a/"', flags: 'i' };
    expect(
      printAssertion({ kind: 'result_text', tool: 'a', test: { op: 'matches', pattern: unwritable }, negated: false }),
    ).toBeNull();
  });
});
