import { describe, expect, it } from 'vitest';
import { type FailingServer, findFailingServers, findHoldUntil, isOutage, isOutageOngoing } from './outage.ts';

const second = 1000;
const now = Date.parse('2026-11-21T09:10:00Z');
/** Servers that began to fail so many seconds ago. */
const failing = (...secondsAgo: number[]): FailingServer[] =>
  secondsAgo.map((seconds, index) => ({
    id: String(index),
    name: `Server ${index}`,
    since: now - seconds * second,
    incidentIds: [],
    isAbsorbed: false,
  }));

describe('an outage', () => {
  it.each<[string, FailingServer[], number, boolean]>([
    ['three of five at once', failing(0, 0, 0), 5, true],
    ['three of five within two minutes', failing(0, 60, 120), 5, true],
    ['three of five in more', failing(0, 60, 121), 5, false],
    ['three of six', failing(0, 0, 0), 6, false],
    ['four of six', failing(0, 0, 0, 0), 6, true],
    ['two of two', failing(0, 0), 2, false],
    ['three of three', failing(10, 20, 30), 3, true],
    ['most of many, beside one that has failed for long', failing(4000, 0, 10, 20), 5, true],
    ['half of them for long', failing(4000, 4000, 0), 5, false],
    ['all of them for long', failing(4000, 4000, 4000), 3, false],
    ['those of an outage before', failing(0, 0, 0).map((each) => ({ ...each, isAbsorbed: true })), 5, false],
  ])('%s', (_, servers, count, expected) => {
    expect(isOutage(servers, { servers: count, now })).toBe(expected);
  });

  it('goes on while most servers fail, for however long', () => {
    expect(isOutageOngoing(failing(9000, 8000, 0), 5)).toBe(true);
    expect(isOutageOngoing(failing(0, 0), 3)).toBe(false);
    expect(isOutageOngoing(failing(0, 0, 0), 6)).toBe(false);
  });
});

describe('servers that fail', () => {
  const openedAt = new Date(now);
  const incident = (id: string, serverId: string, monitorId: string | null = null, parentId: string | null = null) => ({
    id,
    serverId,
    monitorId,
    openedAt,
    parentId,
  });

  it('have an incident of their own, or one of each monitor', () => {
    const found = findFailingServers({
      servers: [
        { id: 'whole', name: 'Whole', activeMonitors: 5 },
        { id: 'single', name: 'Single', activeMonitors: 1 },
        { id: 'part', name: 'Part', activeMonitors: 2 },
        { id: 'well', name: 'Well', activeMonitors: 2 },
      ],
      incidents: [
        incident('1', 'whole', null, 'outage'),
        incident('2', 'whole', 'm1', '1'),
        incident('3', 'single', 'm2'),
        incident('4', 'part', 'm3'),
        incident('5', 'archived', 'm4'),
      ],
    });
    expect(found).toEqual([
      { id: 'whole', name: 'Whole', since: now, incidentIds: ['1'], isAbsorbed: true },
      { id: 'single', name: 'Single', since: now, incidentIds: ['3'], isAbsorbed: false },
    ]);
  });

  it('are held back while most others have not answered since', () => {
    const openedAtMs = now;
    expect(findHoldUntil({ openedAt: openedAtMs, servers: 2, answered: 0 })).toBeNull();
    expect(findHoldUntil({ openedAt: openedAtMs, servers: 3, answered: 1 })).toBe(now + 150 * second);
    expect(findHoldUntil({ openedAt: openedAtMs, servers: 3, answered: 2 })).toBeNull();
    expect(findHoldUntil({ openedAt: openedAtMs, servers: 10, answered: 5 })).toBeNull();
  });
});
