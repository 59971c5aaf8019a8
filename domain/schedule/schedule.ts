import { toString as describeCron } from 'cronstrue';
import { dayMs, hourMs } from '../values/time.ts';
import { type CronFields, parseCron } from './cron.ts';
import { schedulePresets } from './presets.ts';

/** The problem of a cron expression, in one sentence that says what to do; null if it is valid. */
export function scheduleProblem(cron: string): string | null {
  const parsed = parseCron(cron);
  return parsed.ok ? null : parsed.problem;
}

/**
 * Describes a schedule: "Every 15 minutes", "Daily at 09:00 (Europe/Berlin)". The zone is named only where the hour or
 * the day is restricted. An invalid expression is its own label. Several tester models are counted: "Hourly · across 3
 * models".
 */
export function scheduleLabel(cron: string | null, timezone: string, modelCount = 1): string {
  const label = labelCron(cron, timezone);
  return modelCount > 1 ? `${label} · across ${modelCount} models` : label;
}

function labelCron(cron: string | null, timezone: string): string {
  if (cron === null) return 'Manual';
  const expression = cron.trim().replace(/\s+/g, ' ');
  const parsed = parseCron(expression);
  if (!parsed.ok) return expression;
  const plain = simplify(expression, parsed.fields);
  const [minute = '', hour = '', ...rest] = plain.split(' ');
  const words = describeSchedule(plain, minute, hour, rest.join(' '));
  return hour === '*' && rest.every((field) => field === '*') ? words : `${words} (${timezone})`;
}

/** How many values each field can have. */
const valueCounts = { minute: 60, hour: 24, day: 31, month: 12, weekday: 7 } as const;

/** The same schedule without leading zeros, and with `*` for a field that all values match. */
function simplify(expression: string, fields: CronFields): string {
  const parts = expression.split(' ');
  const keys = ['minute', 'hour', 'day', 'month', 'weekday'] as const;
  return keys
    .map((key, index) =>
      fields[key].size === valueCounts[key] ? '*' : (parts[index] ?? '').replaceAll(/\b0+(?=\d)/g, ''),
    )
    .join(' ');
}

/** A step that doesn't divide its range begins anew with each hour or day, so the pause before that is shorter. */
function describeSteps(words: string, minute: string, hour: string): string {
  const step = (field: string) => Number(/^\*\/(\d+)$/.exec(field)?.[1] ?? 1);
  const isUneven = { minutes: 60 % step(minute) !== 0, hours: 24 % step(hour) !== 0 };
  return words
    .replace(/every \d+ minutes/i, (match) => (isUneven.minutes ? `${match} from the start of each hour` : match))
    .replace(/every \d+ hours/i, (match) => (isUneven.hours ? `${match} from midnight` : match));
}

function describeSchedule(expression: string, minute: string, hour: string, days: string): string {
  const preset = schedulePresets.find(({ cron }) => cron === expression);
  if (preset) return preset.label;
  if (days === '* * *' && /^\d+$/.test(minute) && /^\d+$/.test(hour))
    return `Daily at ${hour.padStart(2, '0')}:${minute.padStart(2, '0')}`;
  return describeSteps(describeCron(expression, { use24HourTimeFormat: true, verbose: false }), minute, hour);
}

/** Last year of Temporal's calendars (server `service/worker/scheduler/calendar.go`). */
const lastYear = 2100;

/**
 * The next `count` times that Temporal fires this schedule, each after `from`; fewer when the calendar ends first
 * (2100). It follows the calendar search of the Temporal server, because cron libraries differ from it when clocks
 * change: Temporal skips a time inside a gap. Of a repeated hour it fires both copies west of Greenwich; east of it a
 * fixed time fires in the second copy only, and a schedule of every few minutes skips most of the first. A day whose
 * midnight falls into a gap has the weekday of the day before. `schedule.cases.ts` lists cases that a test compares
 * with Temporal.
 *
 * @throws RangeError when the expression or the time zone is invalid.
 */
export function nextFireTimes(cron: string, timezone: string, from: Date, count: number): Date[] {
  const parsed = parseCron(cron);
  if (!parsed.ok) throw new RangeError(parsed.problem);
  const offsetAt = listOffsets(timezone);
  const times: Date[] = [];
  for (let after = from.getTime(); times.length < count; ) {
    const next = nextFire(parsed.fields, offsetAt, after);
    if (next === null) break;
    times.push(new Date(next));
    after = next;
  }
  return times;
}

/** Fire times that a month's number is worked out from. */
const sampledFires = 200;

/** How often a schedule fires in 30 days, about: of one that fires more often than 200 times, by the first of them. */
export function countMonthlyFires(cron: string, timezone: string, from: Date): number {
  const monthMs = 30 * dayMs;
  const times = nextFireTimes(cron, timezone, from, sampledFires);
  const within = times.filter((time) => time.getTime() - from.getTime() <= monthMs);
  const last = times.at(-1);
  if (within.length < sampledFires || !last) return within.length;
  return Math.round((sampledFires * monthMs) / (last.getTime() - from.getTime()));
}

/** Instants and wall times are both milliseconds; a wall time is counted as if its clock were UTC. */
type OffsetAt = (instant: number) => number;

function nextFire({ minute, hour, day, month, weekday }: CronFields, offsetAt: OffsetAt, after: number): number | null {
  // Go's time.Date, which Temporal resolves wall times by: one guess, corrected once.
  const toInstant = (wall: number) => wall - offsetAt(wall - offsetAt(wall));
  const toClock = (instant: number) => new Date(instant + offsetAt(instant));

  const start = toClock(after);
  let [y, mo, d, h, m] = [start.getUTCFullYear(), start.getUTCMonth() + 1, start.getUTCDate(), start.getUTCHours(), 0];
  m = start.getUTCMinutes() + 1;
  /** An hour when we stand in the second copy of a repeated hour. */
  let repeated = toClock(after - hourMs).getUTCHours() === h ? hourMs : 0;

  const wall = (minutes: number) => Date.UTC(y, mo - 1, d, h, minutes);
  const weekdayMatches = () => weekday.size === 7 || weekday.has(toClock(toInstant(wall(m))).getUTCDay());

  search: for (;;) {
    if (m > 59) {
      const jump = toInstant(wall(60)) - toInstant(wall(0));
      m = 0;
      if (repeated === 0 && jump > hourMs) repeated = hourMs;
      else {
        repeated = 0;
        h++;
      }
    }
    if (h > 23) [d, h] = [d + 1, 0];
    if (d > daysIn(y, mo)) [mo, d] = [mo + 1, 1];
    if (mo > 12) [y, mo] = [y + 1, 1];
    if (y > lastYear) return null;

    while (!month.has(mo)) {
      [mo, d, h, m, repeated] = [mo + 1, 1, 0, 0, 0];
      if (mo > 12) continue search;
    }
    while (!day.has(d) || !weekdayMatches()) {
      [d, h, m, repeated] = [d + 1, 0, 0, 0];
      if (d > daysIn(y, mo)) continue search;
    }
    while (!hour.has(h)) {
      [h, m, repeated] = [h + 1, 0, 0];
      if (h > 23) continue search;
    }
    while (!minute.has(m)) {
      m++;
      if (m > 59) continue search;
    }

    const found = toInstant(wall(m));
    // The clock shows another hour: this one was jumped over.
    if (toClock(found).getUTCHours() !== h) {
      [h, m] = [h + 1, 0];
      continue;
    }
    return found + repeated;
  }
}

const daysIn = (year: number, month: number) => new Date(Date.UTC(year, month, 0)).getUTCDate();

function listOffsets(timezone: string): OffsetAt {
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone: timezone,
    calendar: 'gregory',
    numberingSystem: 'latn',
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  });
  return (instant) => {
    const seconds = Math.floor(instant / 1000) * 1000;
    const part: Partial<Record<Intl.DateTimeFormatPartTypes, number>> = {};
    for (const { type, value } of format.formatToParts(seconds)) part[type] = Number(value);
    const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = part;
    return Date.UTC(year, month - 1, day, hour, minute, second) - seconds;
  };
}
