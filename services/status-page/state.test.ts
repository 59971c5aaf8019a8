import { describe, expect, it } from 'vitest';
import { combineStates, getUptime, type PublicState, publicStates, toPublicState } from './state.ts';

const now = new Date('2026-11-21T12:00:00Z');
const ago = (seconds: number) => new Date(now.getTime() - seconds * 1000);

describe('how a monitor stands to the public', () => {
  const base = { intervalSeconds: 60, inMaintenance: false, now };
  it.each([
    ['pass', 'operational'],
    ['degraded', 'degraded'],
    ['fail', 'failing'],
    ['error', 'down'],
  ])('%s is %s', (outcome, state) => {
    expect(toPublicState({ ...base, health: { outcome, checkedAt: ago(30) } })).toBe(state);
  });

  it('is unknown without a check, and when the last one is too old to speak for now', () => {
    expect(toPublicState({ ...base, health: null })).toBe('unknown');
    expect(toPublicState({ ...base, health: { outcome: 'pass', checkedAt: ago(299) } })).toBe('operational');
    expect(toPublicState({ ...base, health: { outcome: 'pass', checkedAt: ago(301) } })).toBe('unknown');
    expect(toPublicState({ ...base, intervalSeconds: 3600, health: { outcome: 'pass', checkedAt: ago(7000) } })).toBe(
      'operational',
    );
  });

  it('is unknown when the latest check is in the future: a clock was wrong', () => {
    expect(toPublicState({ ...base, health: { outcome: 'pass', checkedAt: ago(-180) } })).toBe('unknown');
  });

  it('is maintenance whatever the checks say', () => {
    expect(toPublicState({ ...base, inMaintenance: true, health: { outcome: 'error', checkedAt: ago(1) } })).toBe(
      'maintenance',
    );
  });
});

describe('several as one', () => {
  it.each<[PublicState[], PublicState]>([
    [[], 'unknown'],
    [['unknown', 'unknown'], 'unknown'],
    [['operational', 'unknown'], 'operational'],
    [['operational', 'degraded'], 'degraded'],
    [['operational', 'maintenance'], 'maintenance'],
    [['degraded', 'failing'], 'failing'],
    [['down', 'operational'], 'failing'],
    [['down', 'unknown', 'down'], 'down'],
    [['down'], 'down'],
  ])('%j is %s', (states, state) => {
    expect(combineStates(states)).toBe(state);
  });

  it('is one of the states that there are, whatever it is made of', () => {
    for (const one of publicStates)
      for (const two of publicStates) expect(publicStates).toContain(combineStates([one, two]));
  });
});

describe('uptime', () => {
  it('counts checks, not days, and is unknown without any', () => {
    expect(getUptime([])).toBeNull();
    expect(getUptime([{ day: '2026-11-20', up: 0, down: 0 }])).toBeNull();
    expect(
      getUptime([
        { day: '2026-11-20', up: 90, down: 0 },
        { day: '2026-11-21', up: 0, down: 10 },
      ]),
    ).toBe(0.9);
  });
});
