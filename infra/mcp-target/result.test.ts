import { describe, expect, it } from 'vitest';
import type { ToolResult } from '../../domain/run/run.ts';
import { keepWithin } from './result.ts';

const sizeOf = (value: unknown): number => Buffer.byteLength(JSON.stringify(value));
const texts = (...values: string[]): ToolResult => ({
  content: values.map((text) => ({ type: 'text', text })),
  isError: false,
});

describe('a result', () => {
  it('that fits stays as it is', () => {
    const result = { ...texts('a', 'b'), structuredContent: { n: 1 } };
    expect(keepWithin(result, 1000)).toBe(result);
    expect(keepWithin(texts('long enough'), 3, 1)).toEqual(texts('long enough'));
  });

  it.each([
    ['one text', texts('x'.repeat(5000))],
    ['wide characters', texts('語'.repeat(5000))],
    ['pairs of surrogates', texts('🎉'.repeat(5000))],
    ['characters with long escapes', texts('\u0001'.repeat(5000))],
    ['quotes and backslashes', texts('\\"'.repeat(5000))],
    ['many texts', texts(...Array.from({ length: 500 }, (_, n) => `block ${n}`))],
    ['a text among small ones', texts('a', 'y'.repeat(5000), 'b')],
  ])('of %s is cut to the limit, and says how large it was', (_, result) => {
    const kept = keepWithin(result, 1000);
    const bytes = kept.content.reduce((sum, block) => sum + sizeOf(block), 0);
    expect(bytes).toBeLessThanOrEqual(1000);
    expect(bytes).toBeGreaterThan(500);
    expect(kept.fullBytes).toBe(result.content.reduce((sum, block) => sum + sizeOf(block), 0));
    for (const [index, { text = '' }] of kept.content.entries()) {
      expect(text.isWellFormed()).toBe(true);
      expect(result.content[index]?.text).toContain(text);
    }
  });

  it('loses blocks that can not be cut', () => {
    const image = { type: 'image', data: 'A'.repeat(2000), mimeType: 'image/png' };
    const kept = keepWithin({ content: [{ type: 'text', text: 'a' }, image], isError: true }, 1000);
    expect(kept).toMatchObject({
      content: [{ type: 'text', text: 'a' }],
      isError: true,
      fullBytes: expect.any(Number),
    });
  });

  it('keeps structured content only if it fits beside the blocks', () => {
    const large = { rows: 'r'.repeat(2000) };
    const small = { rows: 'r'.repeat(100) };
    expect(keepWithin({ ...texts('a'), structuredContent: large }, 1000)).not.toHaveProperty('structuredContent');
    expect(keepWithin({ ...texts('x'.repeat(5000)), structuredContent: small }, 1000)).not.toHaveProperty(
      'structuredContent',
    );
    expect(keepWithin({ ...texts('a', 'x'.repeat(850)), structuredContent: small }, 1000)).toMatchObject({
      fullBytes: expect.any(Number),
    });
  });
});
