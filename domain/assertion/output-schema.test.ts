import { describe, expect, it } from 'vitest';
import type { CallOutcome, OutputFit, ToolResult } from '../run/run.ts';
import { evaluateAssertion, parseAssertion } from './criterion.ts';
import type { Facts } from './facts.ts';
import { call, run, text } from './shop.cases.ts';

const fits: OutputFit = { fits: true };
const breaks: OutputFit = { fits: false, issues: ['`a` must be number', '`b` is missing'] };
const unusable: OutputFit = { fits: null, reason: 'the output schema is too large' };

const result = (outputFit?: OutputFit, more: Partial<ToolResult> = {}): { result: ToolResult } => ({
  result: { ...text('x'), ...(outputFit && { outputFit }), ...more },
});
const cut = result({ fits: null, reason: 'only a part of the result was kept' }, { fullBytes: 2e6 });
const error = { outcome: 'tool_error' as const, ...result(undefined, { isError: true }) };
const runOf = (...calls: { tool?: string; outcome?: CallOutcome; result?: ToolResult }[]): Facts =>
  run({ calls: calls.map(({ tool = 'order', ...each }, index) => call(index, tool, each)) });

function grade(line: string, facts: Facts) {
  const parsed = parseAssertion(line);
  if (!parsed.ok) throw new Error(`not an assertion: ${line}`);
  return evaluateAssertion(parsed.assertion, facts);
}

describe('`order` result fits its output schema', () => {
  it.each<[string, Facts, string, RegExp]>([
    ['one result that fits', runOf(result(fits)), 'pass', /^The result of `order` fits its output schema\.$/],
    ['all results fit', runOf(result(fits), result(fits)), 'pass', /^All 2 results/],
    ['an error result does not count', runOf(error, result(fits)), 'pass', /fits/],
    [
      'one breaks it',
      runOf(result(fits), result(breaks)),
      'fail',
      /call-2 \(`order`\) breaks its output schema: `a` must be number; `b` is missing\./,
    ],
    ['two break it', runOf(result(breaks), result(breaks)), 'fail', /call-1 \(`order`\) \(and 1 more\) breaks/],
    ['only errors came', runOf(error), 'fail', /returned no result without an error/],
    ['it has no output schema', runOf(result()), 'fail', /had no output schema/],
    ['results are not stored', runOf({}), 'fail', /are not stored/],
    ['it was never called', runOf({ tool: 'search', ...result(fits) }), 'fail', /never called/],
    [
      'the schema is unusable',
      runOf(result(unusable)),
      'error',
      /could not be checked: the output schema is too large/,
    ],
    ['only a part was kept', runOf(cut), 'error', /only a part/],
    ['a call was interrupted', runOf(result(fits), { outcome: 'interrupted' }), 'error', /interrupted during call-2/],
    ['it breaks, and a call was interrupted', runOf(result(breaks), { outcome: 'interrupted' }), 'fail', /breaks/],
  ])('%s', (_, facts, verdict, says) => {
    const graded = grade('`order` result fits its output schema', facts);
    expect(graded.verdict).toBe(verdict);
    expect(graded.rationale).toMatch(says);
  });
});

describe('no result breaks its output schema', () => {
  it.each<[string, Facts, string, RegExp]>([
    ['all fit', runOf(result(fits), { tool: 'search', ...result(fits) }), 'pass', /\(2 with a schema\)/],
    ['no tool has a schema', runOf(result()), 'pass', /No result came from a tool with an output schema/],
    ['nothing was called', run({}), 'pass', /No result/],
    ['errors are exempt', runOf(error), 'pass', /No result/],
    ['one breaks it', runOf(result(fits), { tool: 'search', ...result(breaks) }), 'fail', /call-2 \(`search`\) breaks/],
    [
      'a schema is unusable',
      runOf(result(fits), result(unusable)),
      'pass',
      /Not checked: call-2: the output schema is too/,
    ],
    ['only a part was kept', runOf(cut), 'error', /only a part/i],
    ['a call was interrupted', runOf({ outcome: 'interrupted' }), 'error', /interrupted during call-1/],
    ['one breaks it, and a call was interrupted', runOf(result(breaks), { outcome: 'interrupted' }), 'fail', /breaks/],
  ])('%s', (_, facts, verdict, says) => {
    const graded = grade('no result breaks its output schema', facts);
    expect(graded.verdict).toBe(verdict);
    expect(graded.rationale).toMatch(says);
  });
});

describe('the forms about output schemas', () => {
  it.each([
    '`create order` result fits its output schema',
    'create_order result fits its output schema.',
    'CREATE RESULT FITS ITS OUTPUT SCHEMA',
    'no result breaks its output schema',
    'No  result breaks its output schema.',
  ])('read %s', (line) => {
    expect(parseAssertion(line).ok).toBe(true);
  });

  it.each([
    ['`order` result fits its output schema well', 38, true],
    ['`order` result fits its schema', 24, true],
    ['`order` result fits the output schema', 20, true],
    ['`order` result fits', 19, true],
    ['order result fits the bill', 18, false],
    ['no result breaks anything', 17, true],
    ['no result is wrong', 10, false],
    ['no result of `order` breaks its output schema', 10, false],
    ['the result fits its output schema', 0, false],
  ])('leave %s to the judge', (line, position, looksLikeAssertion) => {
    expect(parseAssertion(line)).toMatchObject({ ok: false, position, looksLikeAssertion });
  });
});
