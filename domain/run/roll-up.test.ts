import { describe, expect, it } from 'vitest';
import { rollUp } from './roll-up.ts';
import type { CriterionResult } from './run.ts';

const result = (
  position: number,
  verdict: CriterionResult['verdict'],
  isRequired = true,
  evidence: string[] = ['call-1'],
) => ({ position, verdict, isRequired, rationale: `because ${position}`, evidence });
const completed = { outcome: 'completed' } as const;
const limit = { outcome: 'limit' } as const;
const canceled = { outcome: 'error', error: { kind: 'canceled', message: 'Canceled by Ada.' } } as const;

describe('rollUp', () => {
  it.each([
    ['every required criterion passed', completed, [result(0, 'pass'), result(1, 'pass')], 'pass'],
    ['an optional one failed', completed, [result(0, 'pass'), result(1, 'fail', false)], 'pass'],
    ['an optional one is partial', completed, [result(0, 'pass'), result(1, 'partial', false)], 'pass'],
    ['all are optional and failed', completed, [result(0, 'fail', false), result(1, 'fail', false)], 'pass'],
    ['there is none', completed, [], 'pass'],
    ['a required one is partial', completed, [result(0, 'pass'), result(1, 'partial')], 'partial'],
    ['a required one failed', completed, [result(0, 'pass'), result(1, 'fail')], 'fail'],
    ['failed beats partial', completed, [result(0, 'partial'), result(1, 'fail')], 'fail'],
    ['failed beats not graded', completed, [result(0, 'error'), result(1, 'fail')], 'fail'],
    ['not graded beats partial', completed, [result(0, 'partial'), result(1, 'error')], 'error'],
    ['an optional failure beside one not graded', completed, [result(0, 'fail', false), result(1, 'error')], 'error'],
    ['an optional one could not be graded', completed, [result(0, 'pass'), result(1, 'error', false)], 'error'],
    ['a limit, and the trace satisfies all', limit, [result(0, 'pass')], 'pass'],
    ['a limit, and a required one failed', limit, [result(0, 'fail')], 'fail'],
    ['canceled, though all passed', canceled, [result(0, 'pass')], 'error'],
    ['canceled, though one failed', canceled, [result(0, 'fail')], 'error'],
  ])('%s', (_, agent, results, status) => {
    expect(rollUp({ agent, results }).status).toBe(status);
  });

  it('carries the agent error as it is', () => {
    expect(rollUp({ agent: canceled, results: [] })).toEqual({
      status: 'error',
      error: { kind: 'canceled', message: 'Canceled by Ada.' },
    });
  });

  it('says which criterion could not be graded, the first by position', () => {
    const results = [result(4, 'error'), result(1, 'error'), result(0, 'pass')];
    expect(rollUp({ agent: completed, results })).toEqual({
      status: 'error',
      error: { kind: 'judge', message: 'Criterion 2 could not be graded, nor could 1 other: because 1' },
    });
  });

  it('has no error beside any other status', () => {
    expect(rollUp({ agent: completed, results: [result(0, 'fail')] })).toEqual({ status: 'fail' });
  });

  describe('of a run with a call that Armature interrupted', () => {
    const lost = (position: number, isRequired = true) => result(position, 'error', isRequired, ['call-1', 'call-2']);
    const rolled = (results: ReturnType<typeof result>[], agent: Parameters<typeof rollUp>[0]['agent'] = completed) =>
      rollUp({ agent, results, interrupted: new Set(['call-2']) });

    it.each([
      ['the call decides a criterion', [result(0, 'pass'), lost(1)], 'abandoned'],
      ['it decides an optional one', [result(0, 'pass'), lost(1, false)], 'abandoned'],
      ['another criterion failed: that may be due to it', [result(0, 'fail'), lost(1)], 'abandoned'],
      ['another could not be graded for other reasons', [result(0, 'error'), lost(1)], 'abandoned'],
    ])('is abandoned: %s', (_, results, kind) => {
      expect(rolled(results)).toMatchObject({ status: 'error', error: { kind } });
    });

    it('stands where the call decides nothing', () => {
      expect(rolled([result(0, 'pass')])).toEqual({ status: 'pass' });
      expect(rolled([result(0, 'fail')])).toEqual({ status: 'fail' });
      expect(rolled([result(0, 'partial')])).toEqual({ status: 'partial' });
      expect(rolled([result(0, 'error')])).toMatchObject({ error: { kind: 'judge' } });
      expect(rolled([result(0, 'fail', true, ['call-2'])])).toEqual({ status: 'fail' });
    });

    it('is canceled when a person canceled it', () => {
      expect(rolled([lost(0)], canceled)).toMatchObject({ error: { kind: 'canceled' } });
    });

    it('says which criterion, and why', () => {
      expect(rolled([result(0, 'error'), lost(1)]).error?.message).toBe('Criterion 2 could not be graded: because 1');
    });
  });
});
