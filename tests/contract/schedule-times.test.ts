import { Client, Connection } from '@temporalio/client';
import { msToTs, tsToMs } from '@temporalio/common/lib/time.js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { scheduleCases } from '../../domain/schedule/schedule.cases.ts';
import { nextFireTimes } from '../../domain/schedule/schedule.ts';
import { isTimezone, timezones } from '../../domain/schedule/timezone.ts';
import { freshInstallation, testTemporal } from '../support/setup/temporal.ts';

const prefix = freshInstallation();
const { address, namespace } = testTemporal();
let connection: Connection;
let client: Client;

beforeAll(async () => {
  connection = await Connection.connect({ address });
  client = new Client({ connection, namespace });
});
afterAll(() => connection.close());

async function withSchedule<T>(cron: string, timezone: string, work: (id: string) => Promise<T>): Promise<T> {
  const handle = await client.schedule.create({
    scheduleId: `${prefix}:${cron} ${timezone} ${Math.random()}`,
    spec: { cronExpressions: [cron], timezone },
    state: { paused: true },
    action: { type: 'startWorkflow', workflowType: 'none', taskQueue: prefix, args: [] },
  });
  try {
    return await work(handle.scheduleId);
  } finally {
    await handle.delete();
  }
}

describe('the fire times that we show are those of Temporal', () => {
  it.each(scheduleCases)('$name: $cron in $timezone', async ({ cron, timezone, from: fromText, count }) => {
    const from = new Date(fromText);
    const shown = nextFireTimes(cron, timezone, from, count);
    expect(shown).toHaveLength(count);
    const last = shown.at(-1)?.getTime() ?? Number.NaN;
    const matching = await withSchedule(cron, timezone, async (scheduleId) => {
      const { startTime } = await connection.workflowService.listScheduleMatchingTimes({
        namespace,
        scheduleId,
        startTime: msToTs(from.getTime()),
        endTime: msToTs(last),
      });
      return startTime.map(tsToMs);
    });
    const iso = (instant: number | Date) => new Date(instant).toISOString();
    expect(shown.map(iso)).toEqual(matching.map(iso));
  });
});

describe('the time zones that we take are those of Temporal', () => {
  it.each(['europe/berlin', 'utc', 'Europe/Nowhere'])('it refuses %s', async (zone) => {
    await expect(withSchedule('0 9 * * *', zone, async () => {})).rejects.toThrow();
    expect(isTimezone(zone)).toBe(false);
  });

  it('it takes every one of them', async () => {
    const refused: string[] = [];
    const next = timezones.values();
    const lane = async () => {
      for (const zone of next) {
        await withSchedule('0 9 * * *', zone, async () => {}).catch(() => refused.push(zone));
      }
    };
    await Promise.all(Array.from({ length: 8 }, lane));
    expect(refused).toEqual([]);
  }, 60_000);
});
