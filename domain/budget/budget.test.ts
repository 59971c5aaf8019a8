import { describe, expect, it } from 'vitest';
import { type Cap, explainRefusal, explainUse, findTightest, formatAmount, getBudgetLevel } from './budget.ts';
import { addMonths, forecastFactor, formatMonth, getBounds, month, toMonth } from './month.ts';

const cap = (of: Partial<Cap>): Cap => ({
  scope: 'workspace',
  workflowId: null,
  workflowName: null,
  measure: 'tokens',
  limit: 1000,
  used: 0,
  ...of,
});

describe('a month', () => {
  it.each([
    ['2026-12-31T23:59:59.999Z', '2026-12'],
    ['2027-01-01T00:00:00.000Z', '2027-01'],
    // 1 January in Auckland is still December in UTC.
    ['2027-01-01T03:00:00.000+13:00', '2026-12'],
  ])('at %s is %s', (at, expected) => {
    expect(toMonth(new Date(at))).toBe(expected);
  });

  it('ends where the next one begins, in leap years too', () => {
    expect(getBounds('2028-02')).toEqual({
      start: new Date('2028-02-01T00:00:00Z'),
      end: new Date('2028-03-01T00:00:00Z'),
    });
    expect([addMonths('2026-12', 1), addMonths('2026-01', -1), addMonths('2026-12', -12)]).toEqual([
      '2027-01',
      '2025-12',
      '2025-12',
    ]);
    expect(formatMonth('2026-12')).toBe('December 2026');
  });

  it.each(['2026-13', '2026-00', '2026-1', '26-01', '2026-12-01', ''])('is not %j', (text) => {
    expect(month.safeParse(text).success).toBe(false);
  });

  it.each([
    ['on its first day', '2026-12', '2026-12-01T23:59:59Z', null],
    ['after one of 31 days', '2026-12', '2026-12-02T00:00:00Z', 31],
    ['in the middle', '2026-11', '2026-11-16T00:00:00Z', 2],
    ['when it is over', '2026-11', '2026-12-01T00:00:00Z', null],
    ['before it', '2026-12', '2026-11-30T00:00:00Z', null],
  ])('has a forecast %s', (_, of, now, factor) => {
    expect(forecastFactor(of, new Date(now))).toBe(factor);
  });
});

describe('a budget', () => {
  it.each([
    [799, 1000, 'ok'],
    [800, 1000, 'near'],
    [999, 1000, 'near'],
    [1000, 1000, 'reached'],
    [0, 0, 'reached'],
    [0, 1, 'ok'],
  ])('of which %d of %d is used is %s', (used, limit, level) => {
    expect(getBudgetLevel({ used, limit })).toBe(level);
  });

  it('is told apart from others by how much of it is used', () => {
    expect(findTightest([cap({ used: 500 }), cap({ measure: 'cost', limit: 1, used: 0.9 })])?.measure).toBe('cost');
    expect(findTightest([])).toBeUndefined();
  });

  it('says which it is, how much is used and what to do', () => {
    expect(explainRefusal(cap({ used: 1_234_567, limit: 1_000_000 }), '2026-12')).toBe(
      'The token budget of this workspace is used up for December 2026: 1,234,567 of 1,000,000 tokens. Ask the owner to raise it in Settings → Plan, or run it again from January 1 (UTC).',
    );
    expect(explainRefusal(cap({ scope: 'ceiling', measure: 'cost', used: 12, limit: 10 }), '2026-11')).toBe(
      "The operator's cost ceiling for this workspace is used up for November 2026: $12.00 of $10.00. Ask the operator to raise ARMATURE_MONTHLY_COST, or run it again from December 1 (UTC).",
    );
    expect(
      explainUse(cap({ scope: 'workflow', workflowId: 'x', workflowName: 'Order a mug', used: 812 }), '2026-12'),
    ).toBe('The token budget of the workflow "Order a mug" is 81 % used for December 2026: 812 of 1,000 tokens.');
    expect(formatAmount('cost', 0.0012)).toBe('$0.0012');
  });
});
