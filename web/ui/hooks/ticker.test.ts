import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createTicker } from './ticker.ts';

describe('the clock of relative times', () => {
  beforeEach(() => {
    vi.useFakeTimers({ now: 10_500 });
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it('tells all listeners each second, with one timer, and none when nobody listens', () => {
    const ticker = createTicker({ renderedAt: 1 });
    const seen: string[] = [];
    const stop = ['a', 'b'].map((name) => ticker.subscribe(() => seen.push(`${name} ${ticker.now()}`)));
    expect(vi.getTimerCount()).toBe(1);
    vi.advanceTimersByTime(1000);
    expect(seen).toEqual(['a 11000', 'b 11000']);
    for (const each of stop) each();
    expect(vi.getTimerCount()).toBe(0);
  });
});
