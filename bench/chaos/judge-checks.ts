import type { Request } from './load.ts';
import { type Missed, slotOf } from './misses.ts';
import { findRepeated, type Promised } from './promise.ts';

export type CheckEvidence = { monitorId: string; scheduledAt: Date; key: string; outcome: string };

export function judgeChecks(of: {
  requests: readonly Request[];
  checks: readonly CheckEvidence[];
  /** Offset of the ticks of each monitor, in seconds. */
  offsets: ReadonlyMap<string, number>;
  /** Checks that the roll-ups of hours and days have counted, by monitor. */
  rolledUp: { hours: ReadonlyMap<string, number>; days: ReadonlyMap<string, number> };
  missedTicks: readonly Missed[];
  missedFires: readonly Missed[];
}): Promised[] {
  const { requests, checks, offsets, rolledUp, missedTicks, missedFires } = of;
  const keys = new Set(checks.map(({ monitorId, key }) => `${monitorId} ${key}`));
  const counts = new Map([...Map.groupBy(checks, ({ monitorId }) => monitorId)].map(([id, all]) => [id, all.length]));
  const miscounted = (name: string, rolled: ReadonlyMap<string, number>) =>
    [...counts]
      .filter(([id, count]) => rolled.get(id) !== count)
      .map(([id, count]) => `${name} of monitor ${id} count ${rolled.get(id) ?? 0} of ${count} checks`);
  const describe = ({ subjectId, at }: Missed) => `${subjectId} at ${at.toISOString()}`;
  return [
    {
      name: 'checks recorded twice',
      broken: findRepeated(checks, ({ monitorId, scheduledAt, key }) =>
        key === '' ? `${monitorId} ${slotOf(scheduledAt, offsets.get(monitorId) ?? 0)}` : `${monitorId} ${key}`,
      ).map(([id, group]) => `${id}: ${group.map(({ scheduledAt }) => scheduledAt.toISOString()).join(', ')}`),
    },
    {
      name: 'checks counted more or less than once',
      broken: [...miscounted('hours', rolledUp.hours), ...miscounted('days', rolledUp.days)],
    },
    {
      name: 'checks lost that were asked for',
      broken: requests
        .filter(({ isAcknowledged, subjectId, key }) => isAcknowledged && !keys.has(`${subjectId} ${key}`))
        .map(({ subjectId, key }) => `${subjectId} ${key}`),
    },
    { name: 'ticks of monitors without a check', broken: missedTicks.map(describe) },
    { name: 'fire times of workflows without a run or a skip', broken: missedFires.map(describe) },
  ];
}
