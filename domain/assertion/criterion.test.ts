import { describe, expect, it } from 'vitest';
import { describeCriterion, parseAssertion, validateAssertionTools } from './criterion.ts';

describe('describeCriterion', () => {
  it('gives the assertion that code will grade', () => {
    expect(describeCriterion('never calls `refund`')).toEqual({
      by: 'assertion',
      assertion: { kind: 'never_calls', tool: 'refund' },
    });
  });

  it('leaves plain English to the judge', () => {
    expect(describeCriterion('The order is confirmed and the customer knows its id.')).toEqual({ by: 'judge' });
  });

  it('hints where a line leaves the grammar', () => {
    expect(describeCriterion('calls `order` exactly once and reports the id')).toEqual({
      by: 'judge',
      hint: { position: 27, expected: 'the end of the line' },
    });
  });
});

describe('validateAssertionTools', () => {
  it.each([
    ['calls `a` twice', ['a']],
    ['never calls `a`', ['a']],
    ['calls `a` before `b`', ['a', 'b']],
    ['`a` fails', ['a']],
    ['`a` result contains "x"', ['a']],
    ['`a` result field `x` exists', ['a']],
    ['`a` is called with `x` = 1', ['a']],
    ['no tool call fails', []],
    ['final answer contains "x"', []],
    ['finishes within 3 s', []],
    ['uses at most 3 tokens', []],
  ])('%s mentions %j', (sentence, tools) => {
    const parsed = parseAssertion(sentence);
    expect(parsed.ok ? validateAssertionTools(parsed.assertion) : parsed).toEqual(tools);
  });
});
