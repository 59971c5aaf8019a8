import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { answerBytes, maxAnswerBytes } from '../../services/context/answer-size.ts';
import { bound } from './bound.ts';

const nested = (levels: number): unknown => (levels === 0 ? 'the end' : { inner: nested(levels - 1) });
const many = <T>(count: number, make: (index: number) => T): T[] => Array.from({ length: count }, (_, i) => make(i));

const hostile: Record<string, Record<string, unknown>> = {
  'a text of 3 MB': { id: 'run-1', text: 'x'.repeat(3_000_000) },
  'text of characters with four bytes': { text: '😀'.repeat(400_000) },
  'text of quotes': { text: '"'.repeat(300_000) },
  'text of backslashes': { text: '\\'.repeat(300_000) },
  'text of control characters': { text: '\u0001'.repeat(200_000) },
  'a list of 2,000 tools': {
    tools: many(2000, (i) => ({ name: `tool_${i}`, description: 'd'.repeat(1000), schema: {} })),
  },
  'a list of 1,000 criteria': { criteria: many(1000, (i) => ({ position: i, text: 't'.repeat(2000) })) },
  'a list of 100,000 numbers': { numbers: many(100_000, (i) => i) },
  'lists of lists': { rows: many(500, () => many(500, () => ['cell'])) },
  'an object of 20,000 members': { open: Object.fromEntries(many(20_000, (i) => [`member_${i}`, i])) },
  'names of members of 100 kB': { open: Object.fromEntries(many(50, (i) => [`${i}`.repeat(100_000), i])) },
  'a thousand levels': { deep: nested(1000), text: 'x'.repeat(200_000) },
  'many of everything': {
    names: many(300, (i) => `${i} ${'n'.repeat(512)}`),
    calls: many(300, (i) => ({ id: `call-${i}`, result: { content: [{ type: 'text', text: 'r'.repeat(20_000) }] } })),
    note: 'x'.repeat(100_000),
  },
};

describe('bound', () => {
  it('leaves a short answer as it is', () => {
    const answer = { text: 'x'.repeat(10_000), list: [1, 2, 3] };
    expect(bound(answer)).toBe(answer);
  });

  it.each(Object.entries(hostile))('keeps %s within the bound, and says what was cut', (_, answer) => {
    const bounded = bound(answer);
    expect(answerBytes(bounded)).toBeLessThanOrEqual(maxAnswerBytes);
    expect(Object.keys(bounded)).toEqual([...Object.keys(answer), '_truncated']);
    expect(JSON.stringify(bounded).isWellFormed()).toBe(true);
  });

  it('cuts the largest text in the middle and keeps the others whole', () => {
    const bounded = bound({ id: 'run-1', short: 's'.repeat(5000), long: `begin ${'x'.repeat(500_000)} end` });
    expect(bounded).toMatchObject({ id: 'run-1', short: 's'.repeat(5000) });
    expect(bounded.long).toMatch(/^begin x+ … \[\d+ characters left out\] … x+ end$/);
    expect(bounded._truncated).toEqual([{ field: 'long', shown: expect.any(Number), total: 500_010 }]);
    const [{ shown }] = z.tuple([z.object({ shown: z.int() })]).parse(bounded._truncated);
    expect(shown).toBeGreaterThan(20_000);
  });

  it('never halves a character', () => {
    for (const before of ['', 'a'])
      expect(JSON.stringify(bound({ text: before + '😀'.repeat(100_000) }))).not.toMatch(/\\ud8|\\udc/i);
  });

  it('shortens a list at its end, with its items whole', () => {
    const rows = many(2000, (i) => ({ id: `row-${i}`, name: 'n'.repeat(200) }));
    const bounded = z.object({ rows: z.array(z.unknown()), _truncated: z.array(z.unknown()) }).parse(bound({ rows }));
    expect(bounded.rows.length).toBeGreaterThan(50);
    expect(bounded.rows).toEqual(rows.slice(0, bounded.rows.length));
    expect(bounded._truncated).toEqual([{ field: 'rows', shown: bounded.rows.length, total: 2000 }]);
  });
});
