import { describe, expect, it } from 'vitest';
import { type CheckResult, type CheckRules, checkVerdict } from './check-outcome.ts';
import { checkErrorKinds } from './monitor.ts';

const rules = (changes: Partial<CheckRules> = {}): CheckRules => ({
  tool: 'get_shop_status',
  arguments: {},
  degradedAboveMs: null,
  assertions: [],
  checkOutputSchema: true,
  ...changes,
});
const answer = (latencyMs = 12, isError = false): CheckResult => ({
  kind: 'answer',
  latencyMs,
  result: {
    content: [{ type: 'text', text: '{"status":"open"}' }],
    structuredContent: { status: 'open', products: 12 },
    isError,
  },
});

describe('the verdict on a check', () => {
  it('is pass for an answer without isError', () => {
    expect(checkVerdict(answer(), rules())).toEqual({ outcome: 'pass', errorKind: null, degradedBy: [] });
  });

  it('is fail for isError, however slow and whatever is asserted', () => {
    const strict = rules({ degradedAboveMs: 1, assertions: ['`get_shop_status` result contains "closed"'] });
    expect(checkVerdict(answer(500, true), strict)).toEqual({ outcome: 'fail', errorKind: null, degradedBy: [] });
  });

  it.each(checkErrorKinds)('is error for %s, with its kind', (errorKind) => {
    const result: CheckResult = {
      kind: 'error',
      errorKind,
      message: 'It broke.',
      serverFailure: null,
      refusal: null,
      latencyMs: null,
    };
    expect(checkVerdict(result, rules({ degradedAboveMs: 1 }))).toEqual({
      outcome: 'error',
      errorKind,
      degradedBy: [],
    });
  });

  it('is degraded above the threshold, not at it', () => {
    expect(checkVerdict(answer(100), rules({ degradedAboveMs: 100 })).outcome).toBe('pass');
    const slow = checkVerdict(answer(101), rules({ degradedAboveMs: 100 }));
    expect(slow.outcome).toBe('degraded');
    expect(slow.degradedBy).toEqual(['The answer took 101 ms; expected: at most 100 ms.']);
  });

  it.each([
    ['`get_shop_status` result field `status` equals "open"', 'pass'],
    ['`get_shop_status` result field `status` equals "closed"', 'degraded'],
    ['`get_shop_status` result contains "open"', 'pass'],
    ['calls `get_shop_status` exactly once', 'pass'],
    ['no tool call fails', 'pass'],
    ['finishes within 1 s', 'pass'],
    ['finishes within 0.001 s', 'degraded'],
    ['The shop is kind.', 'degraded'],
  ])('of %s is %s', (line, outcome) => {
    const found = checkVerdict(answer(), rules({ assertions: [line] }));
    expect(found.outcome).toBe(outcome);
    expect(found.degradedBy).toHaveLength(outcome === 'pass' ? 0 : 1);
  });

  it('quotes nothing of a result that is not stored', () => {
    const closed = rules({ assertions: ['`get_shop_status` result field `status` equals "closed"'] });
    expect(checkVerdict(answer(), closed).degradedBy[0]).toContain('"open"');
    expect(checkVerdict(answer(), { ...closed, quoteResult: false }).degradedBy).toEqual([
      '`get_shop_status` result field `status` equals "closed": not met.',
    ]);
  });

  it('names every reason to be degraded', () => {
    const found = checkVerdict(
      answer(900),
      rules({ degradedAboveMs: 500, assertions: ['finishes within 1 s', 'calls `other` once'] }),
    );
    expect(found.degradedBy).toHaveLength(2);
    expect(found.degradedBy[1]).toMatch(/^calls `other` once: /);
  });

  describe('of a result that breaks the output schema of its tool', () => {
    const broken: CheckResult = {
      kind: 'answer',
      latencyMs: 5,
      result: {
        content: [],
        structuredContent: { a: 'x' },
        isError: false,
        outputFit: { fits: false, issues: ['`a` must be number', '`b` is missing'] },
      },
    };
    it('is degraded, and names what does not fit', () => {
      expect(checkVerdict(broken, rules())).toMatchObject({
        outcome: 'degraded',
        degradedBy: ["The result breaks the tool's output schema: `a` must be number; `b` is missing."],
      });
    });

    it('names nothing of a result that is not stored', () => {
      const { degradedBy } = checkVerdict(broken, rules({ quoteResult: false }));
      expect(degradedBy).toEqual(["The result breaks the tool's output schema."]);
    });

    it('passes where the monitor does not check it', () => {
      expect(checkVerdict(broken, rules({ checkOutputSchema: false })).outcome).toBe('pass');
    });

    it.each([{ fits: true }, { fits: null, reason: 'it refers to another document' }] as const)(
      'is none for %j',
      (outputFit) => {
        const { result, ...rest } = broken;
        expect(checkVerdict({ ...rest, result: { ...result, outputFit } }, rules()).outcome).toBe('pass');
      },
    );

    it('can be asserted', () => {
      const assertions = ['`get_shop_status` result fits its output schema', 'no result breaks its output schema'];
      const { degradedBy } = checkVerdict(broken, rules({ checkOutputSchema: false, assertions }));
      expect(degradedBy).toEqual(assertions.map((line) => expect.stringMatching(line.slice(0, 20))));
    });
  });
});
