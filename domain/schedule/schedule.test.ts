import { describe, expect, it } from 'vitest';
import { schedulePresets } from './presets.ts';
import { scheduleCases } from './schedule.cases.ts';
import { countMonthlyFires, nextFireTimes, scheduleLabel, scheduleProblem } from './schedule.ts';

describe('scheduleProblem', () => {
  it.each([
    '* * * * *',
    '*/15 * * * *',
    '0 9 * * *',
    '  0   9  * *\t* ',
    '0,15,30,45 9-17 * * 1-5',
    '5/20 * * * *',
    '10-50/10 * * * *',
    '0 0 1 jan *',
    '0 0 1 JAN-MAR,dec *',
    '0 9 * * mon-FRI',
    '0 9 * * 0',
    '0 9 * * 7',
    '0 9 * * 5-7',
    '00 09 01 * *',
    '0 0 29 2 *',
    '0 0 30,31 2,4 *',
    '0 9 */2 * *',
    '0 9 * * */2',
    '0 9 1 * */1',
    ...schedulePresets.flatMap(({ cron }) => cron ?? []),
  ])('%s is good', (cron) => {
    expect(scheduleProblem(cron)).toBeNull();
  });

  it.each([
    ['', 'Write five fields'],
    ['   ', 'Write five fields'],
    ['hourly', 'this has 1'],
    ['0 9 * *', 'this has 4'],
    ['0 0 9 * * *', 'Seconds and years are not supported'],
    ['0 9 * * * 2027', 'Seconds and years are not supported'],
    ['0 0 9 * * * 2027', 'Seconds and years are not supported'],
    ['0 9 * * * * * *', 'this has 8'],
    ['0 9 * * * # mornings', 'Take the comment (#) out'],
    ['@every 5m', '"*/15 * * * *"'],
    ['@EVERY 1h', 'not supported'],
    ['@hourly', '"0 * * * *"'],
    ['@Daily', '"0 0 * * *"'],
    ['@reboot', '"@reboot" is not supported'],
    ['@__proto__', '"@__proto__" is not supported'],
    ['TZ=Europe/Berlin 0 9 * * *', 'time zone field'],
    ['CRON_TZ=UTC 0 9 * * *', 'time zone field'],
    ['0 9 13 * 5', 'not both'],
    ['0 9 1-31 * 1', 'not both'],
    ['0 9 */2 * MON', 'not both'],
    ['60 * * * *', 'The minute must be from 0 to 59; this has 60.'],
    ['0 24 * * *', 'The hour must be from 0 to 23; this has 24.'],
    ['0 0 0 * *', 'The day of month must be from 1 to 31; this has 0.'],
    ['0 0 32 * *', 'The day of month must be from 1 to 31; this has 32.'],
    ['0 0 * 13 *', 'The month must be from 1 to 12; this has 13.'],
    ['0 0 * 0 *', 'The month must be from 1 to 12; this has 0.'],
    ['0 0 * * 8', 'The day of week must be from 0 to 7; this has 8.'],
    ['0 0 * JANUARY *', 'a name from JAN to DEC'],
    ['0 0 * * MONDAY', 'a name from SUN to SAT'],
    ['MON * * * *', '"MON" is not a minute'],
    ['0 9 * MON *', '"MON" is not a month'],
    ['-5 * * * *', 'not a value or a range'],
    ['5- * * * *', 'not a value or a range'],
    ['1-2-3 * * * *', 'not a value or a range'],
    ['+5 * * * *', '"+5" is not a minute'],
    ['1.5 * * * *', '"1.5" is not a minute'],
    ['1e1 * * * *', '"1e1" is not a minute'],
    ['30-10 * * * *', 'ends before it starts'],
    ['0 9 * * FRI-MON', 'two ranges joined by a comma'],
    ['*/0 * * * *', 'a whole number above 0'],
    ['*/-5 * * * *', 'a whole number above 0'],
    ['*/x * * * *', 'a whole number above 0'],
    ['*/ * * * *', 'a whole number above 0'],
    ['*/5/2 * * * *', 'more than one "/"'],
    ['*/90 * * * *', 'longer than its range'],
    ['0 */24 * * *', 'longer than its range'],
    ['50-55/10 * * * *', 'longer than its range'],
    ['0 9 * * 1/2', 'List the days instead'],
    ['1,,2 * * * *', 'the extra comma'],
    [',1 * * * *', 'the extra comma'],
    ['0 9 ? * MON', 'Write "*" instead of "?"'],
    ['0 9 L * *', '"L" in the day of month field is not supported'],
    ['0 9 15W * *', 'not supported'],
    ['0 9 * * 5L', 'not supported'],
    ['0 9 * * MON#2', 'not supported'],
    ['0 0 30 2 *', 'This never runs: none of its months has day 30'],
    ['0 0 30,31 FEB *', 'none of its months has day 30 or 31'],
    ['0 0 31 2,4,6,9,11 *', 'none of its months has day 31'],
    [`${'0,'.repeat(300)}0 * * * *`, 'under 500 characters'],
  ])('%s is refused: %s', (cron, sentence) => {
    expect(scheduleProblem(cron)).toContain(sentence);
  });

  it('refuses a text of any length by its length alone', () => {
    for (const text of [' '.repeat(1_000_000) + '0'.repeat(1_000_000), '*/'.repeat(1_000_000)])
      expect(scheduleProblem(text)).toContain('under 500 characters');
  });
});

describe('scheduleLabel', () => {
  it.each([
    [null, 'UTC', 'Manual'],
    ['*/15 * * * *', 'Europe/Berlin', 'Every 15 minutes'],
    ['*/30 * * * *', 'UTC', 'Every 30 minutes'],
    ['0 * * * *', 'UTC', 'Hourly'],
    ['* * * * *', 'UTC', 'Every minute'],
    ['0 9 * * *', 'Europe/Berlin', 'Daily at 09:00 (Europe/Berlin)'],
    [' 5  7 * * * ', 'UTC', 'Daily at 07:05 (UTC)'],
    ['30 9 * * 1-5', 'America/New_York', 'At 09:30, Monday through Friday (America/New_York)'],
    ['0 9 1 * *', 'UTC', 'At 09:00, on day 1 of the month (UTC)'],
    ['0 9,17 * * MON', 'UTC', 'At 09:00 and 17:00, only on Monday (UTC)'],
    ['0 9 * * 7', 'UTC', 'At 09:00, only on Sunday (UTC)'],
    ['0 */6 * * *', 'UTC', 'On the hour, every 6 hours (UTC)'],
    ['15 * * * *', 'UTC', 'At 15 minutes past the hour'],
    ['007 09 * * *', 'UTC', 'Daily at 09:07 (UTC)'],
    ['000 0009 * * *', 'UTC', 'Daily at 09:00 (UTC)'],
    ['*/7 * * * *', 'UTC', 'Every 7 minutes from the start of each hour'],
    ['*/20 * * * *', 'UTC', 'Every 20 minutes'],
    ['0 */5 * * *', 'UTC', 'On the hour, every 5 hours from midnight (UTC)'],
    ['0 9 * * 0-7', 'UTC', 'Daily at 09:00 (UTC)'],
    ['0 9 * * 0-6', 'UTC', 'Daily at 09:00 (UTC)'],
    ['0 9 1-31 1-12 *', 'UTC', 'Daily at 09:00 (UTC)'],
    ['0-59 * * * *', 'UTC', 'Every minute'],
    ['not a cron', 'UTC', 'not a cron'],
  ])('%s in %s reads "%s"', (cron, timezone, label) => {
    expect(scheduleLabel(cron, timezone)).toBe(label);
  });

  it('counts the models where there are several', () => {
    expect(scheduleLabel('0 * * * *', 'UTC', 3)).toBe('Hourly · across 3 models');
    expect(scheduleLabel(null, 'UTC', 2)).toBe('Manual · across 2 models');
    expect(scheduleLabel('0 * * * *', 'UTC', 1)).toBe('Hourly');
  });

  it('labels each preset', () => {
    expect(schedulePresets.map(({ cron }) => scheduleLabel(cron, 'UTC'))).toEqual([
      'Manual',
      'Every 15 minutes',
      'Every 30 minutes',
      'Hourly',
      'Daily at 09:00 (UTC)',
    ]);
  });
});

describe('nextFireTimes', () => {
  it.each([
    ['0 9 * * *', 'UTC', '2026-12-30T10:00:00Z', ['2026-12-31T09:00', '2027-01-01T09:00']],
    ['0 9 * * *', 'Europe/Berlin', '2026-11-21T07:59:59Z', ['2026-11-21T08:00', '2026-11-22T08:00']],
    ['*/15 * * * *', 'UTC', '2026-11-21T08:15:00Z', ['2026-11-21T08:30', '2026-11-21T08:45']],
    [
      '0 9 * * 5-7',
      'UTC',
      '2026-11-17T00:00:00Z',
      ['2026-11-20T09:00', '2026-11-21T09:00', '2026-11-22T09:00', '2026-11-27T09:00'],
    ],
    [
      '0 0 31 * *',
      'UTC',
      '2027-01-31T00:00:00Z',
      ['2027-03-31T00:00', '2027-05-31T00:00', '2027-07-31T00:00', '2027-08-31T00:00'],
    ],
    ['0 0 29 2 *', 'UTC', '2026-11-21T00:00:00Z', ['2028-02-29T00:00', '2032-02-29T00:00']],
    ['0 9 * * *', 'Asia/Kolkata', '2026-11-21T00:00:00Z', ['2026-11-21T03:30']],
    // 28 March 2027 has no 02:30 in Berlin, 14 March none in New York: skipped, not moved.
    ['30 2 * * *', 'Europe/Berlin', '2027-03-26T12:00:00Z', ['2027-03-27T01:30', '2027-03-29T00:30']],
    ['30 2 * * *', 'America/New_York', '2027-03-13T00:00:00Z', ['2027-03-13T07:30', '2027-03-15T06:30']],
    // 09:00 stays 09:00 on the wall over the change.
    ['0 9 * * *', 'Europe/Berlin', '2027-03-27T00:00:00Z', ['2027-03-27T08:00', '2027-03-28T07:00']],
    // Through a repeated hour: both copies in New York; in Berlin Temporal jumps from the first 02:00 into the second
    // copy.
    [
      '0 * * * *',
      'America/New_York',
      '2027-11-07T04:30:00Z',
      ['2027-11-07T05:00', '2027-11-07T06:00', '2027-11-07T07:00'],
    ],
    [
      '*/30 * * * *',
      'Europe/Berlin',
      '2027-10-30T23:45:00Z',
      ['2027-10-31T00:00', '2027-10-31T01:30', '2027-10-31T02:00'],
    ],
    // A fixed time in a repeated hour: Temporal fires it twice in New York, in the second copy only in Berlin.
    [
      '30 1 * * *',
      'America/New_York',
      '2027-11-06T12:00:00Z',
      ['2027-11-07T05:30', '2027-11-07T06:30', '2027-11-08T06:30'],
    ],
    ['30 2 * * *', 'Europe/Berlin', '2027-10-30T12:00:00Z', ['2027-10-31T01:30', '2027-11-01T01:30']],
    // 5 September 2027 begins at 01:00 in Santiago; Temporal takes its weekday from 23:00 the evening before.
    ['0 12 * * 0', 'America/Santiago', '2027-08-30T00:00:00Z', ['2027-09-12T15:00']],
  ])('%s in %s after %s', (cron, timezone, from, expected) => {
    const times = nextFireTimes(cron, timezone, new Date(from), expected.length);
    expect(times.map((time) => time.toISOString().slice(0, 16))).toEqual(expected);
  });

  it.each(scheduleCases)('$name: rising whole minutes after the start', ({ cron, timezone, from, count }) => {
    const times = nextFireTimes(cron, timezone, new Date(from), count).map((time) => time.getTime());
    expect(times).toHaveLength(count);
    expect([...new Set(times)].sort((a, b) => a - b)).toEqual(times);
    expect(times[0]).toBeGreaterThan(new Date(from).getTime());
    expect(times.filter((time) => time % 60_000 !== 0)).toEqual([]);
  });

  it('ends with the calendar', () => {
    expect(nextFireTimes('0 0 29 2 *', 'UTC', new Date('2096-03-01T00:00:00Z'), 3)).toEqual([]);
  });

  it('refuses an invalid expression and an invalid zone', () => {
    expect(() => nextFireTimes('0 9 * *', 'UTC', new Date(0), 1)).toThrow(/this has 4/);
    expect(() => nextFireTimes('0 9 * * *', 'Mars/Olympus', new Date(0), 1)).toThrow(RangeError);
  });
});

describe('the fires of a month', () => {
  it.each([
    ['0 9 * * *', 30],
    ['0 9 * * 1', 4],
    ['0 * * * *', 720],
    ['*/15 * * * *', 2880],
    ['* * * * *', 43_200],
    ['0 9 1 1 *', 0],
  ])('of %j are about %j', (cron, expected) => {
    const count = countMonthlyFires(cron, 'UTC', new Date('2026-11-30T10:30:00Z'));
    expect(Math.abs(count - expected)).toBeLessThanOrEqual(expected / 100 + 1);
  });
});
