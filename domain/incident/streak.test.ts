import { describe, expect, it } from 'vitest';
import { toStreaks } from './streak.ts';

const at = (minute: number) => new Date(Date.UTC(2026, 0, 1, 10, minute)).toISOString();
const toObservations = (outcomes: string) =>
  [...outcomes].map((letter, minute) => ({
    at: at(minute),
    outcome: letter.toLowerCase() === 'p' ? 'pass' : 'fail',
    detail: letter === 'F' ? 'timeout' : null,
  }));

describe('toStreaks', () => {
  it.each([
    ['nothing', '', 0, []],
    ['one streak', 'fff', 0, ['fail 0-2 x3']],
    ['another cause is another streak', 'ffF', 0, ['fail 0-1 x2', 'fail timeout 2-2 x1']],
    ['the last streak before the opening stays', 'pfpppff', 5, ['pass 2-4 x3', 'fail 5-6 x2']],
    ['a streak over the opening stays with the one before it', 'ppfff', 3, ['pass 0-1 x2', 'fail 2-4 x3']],
    ['all before the opening: the last one', 'ffpp', 30, ['pass 2-3 x2']],
  ])('%s', (_, outcomes, opened, expected) => {
    const streaks = toStreaks(toObservations(outcomes), { openedAt: at(opened) });
    const minute = (time: string) => new Date(time).getUTCMinutes();
    expect(
      streaks.map(({ at: from, until, count, last }) =>
        [last.outcome, last.detail, `${minute(from)}-${minute(until)}`, `x${count}`].filter(Boolean).join(' '),
      ),
    ).toEqual(expected);
  });
});
