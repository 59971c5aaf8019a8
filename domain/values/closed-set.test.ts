import { describe, expect, it } from 'vitest';
import { oneOf } from './closed-set.ts';

describe('oneOf', () => {
  it('returns the value, typed as one of the list', () => {
    const state: 'open' | 'closed' = oneOf(['open', 'closed'], 'open');
    expect(state).toBe('open');
  });

  it('throws on any other value and names the list', () => {
    expect(() => oneOf(['open', 'closed'], 'Open')).toThrow('Invalid value "Open". Expected one of: open, closed.');
  });
});
