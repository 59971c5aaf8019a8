/** A five-field cron expression, each field as the set of values that match. Sunday is 0. */
export type CronFields = {
  minute: ReadonlySet<number>;
  hour: ReadonlySet<number>;
  day: ReadonlySet<number>;
  month: ReadonlySet<number>;
  weekday: ReadonlySet<number>;
};

type Field = { key: keyof CronFields; label: string; min: number; max: number; names: readonly string[] };

const monthNames = ['JAN', 'FEB', 'MAR', 'APR', 'MAY', 'JUN', 'JUL', 'AUG', 'SEP', 'OCT', 'NOV', 'DEC'] as const;
const weekdayNames = ['SUN', 'MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT'] as const;

const fields: readonly [Field, Field, Field, Field, Field] = [
  { key: 'minute', label: 'minute', min: 0, max: 59, names: [] },
  { key: 'hour', label: 'hour', min: 0, max: 23, names: [] },
  { key: 'day', label: 'day of month', min: 1, max: 31, names: [] },
  { key: 'month', label: 'month', min: 1, max: 12, names: monthNames },
  { key: 'weekday', label: 'day of week', min: 0, max: 7, names: weekdayNames },
];

const macros: Readonly<Record<string, string>> = {
  '@yearly': '0 0 1 1 *',
  '@annually': '0 0 1 1 *',
  '@monthly': '0 0 1 * *',
  '@weekly': '0 0 * * 0',
  '@daily': '0 0 * * *',
  '@midnight': '0 0 * * *',
  '@hourly': '0 * * * *',
};

const maxExpressionLength = 500;
/** February includes its leap day: a schedule for 29 February is valid. */
const maxMonthDays = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31] as const;

/**
 * Parses a cron expression (docs/workflows.md, "Schedules"), or says in one sentence what to change. Accepts only what
 * Temporal and cron understand alike.
 */
export function parseCron(cron: string): { ok: true; fields: CronFields } | { ok: false; problem: string } {
  const text = cron.trim();
  const shape = shapeProblem(text);
  if (shape !== null) return { ok: false, problem: shape };

  const parts = text.split(/\s+/);
  const sets: Record<keyof CronFields, Set<number>> = {
    minute: new Set(),
    hour: new Set(),
    day: new Set(),
    month: new Set(),
    weekday: new Set(),
  };
  for (const [index, field] of fields.entries()) {
    const problem = readField(field, parts[index] ?? '', sets[field.key]);
    if (problem !== null) return { ok: false, problem };
  }
  const together = combinationProblem(parts, sets);
  return together === null ? { ok: true, fields: sets } : { ok: false, problem: together };
}

function shapeProblem(text: string): string | null {
  if (text === '')
    return 'Write five fields (minute, hour, day of month, month, day of week), for example "0 9 * * *".';
  if (text.length > maxExpressionLength) return `Keep the expression under ${maxExpressionLength} characters.`;
  if (/^(CRON_)?TZ=/i.test(text))
    return 'Take the time zone out of the expression and choose it in the time zone field instead.';
  if (/^@every\b/i.test(text))
    return 'Intervals such as "@every" are not supported: write "*/15 * * * *" for every 15 minutes.';
  if (text.startsWith('@')) {
    const same = macros[text.toLowerCase()];
    return same
      ? `Write "${text}" out as five fields: "${same}".`
      : `"${text}" is not supported: write five fields, for example "0 9 * * *".`;
  }
  const count = text.split(/\s+/).length;
  if (count === 5) return null;
  const expected = 'minute, hour, day of month, month and day of week';
  if (count > 5 && /(^|\s)#/.test(text)) return 'Take the comment (#) out of the expression.';
  if (count === 6) return `Seconds and years are not supported: keep five fields (${expected}), this has 6.`;
  if (count === 7) return `Seconds and years are not supported: keep five fields (${expected}), this has 7.`;
  return `A schedule has five fields (${expected}), this has ${count}.`;
}

function readField(field: Field, text: string, into: Set<number>): string | null {
  for (const item of text.split(',')) {
    const problem = readItem(field, item, into);
    if (problem !== null) return problem;
  }
  return null;
}

function readItem(field: Field, item: string, into: Set<number>): string | null {
  const { label } = field;
  if (item === '') return `The ${label} field has an empty entry: take the extra comma out.`;
  if (item === '?') return `Write "*" instead of "?" in the ${label} field.`;
  const [base = '', stepText, ...more] = item.split('/');
  if (more.length > 0) return `"${item}" in the ${label} field has more than one "/": write it like "*/5".`;

  let step = 1;
  if (stepText !== undefined) {
    if (!/^\d{1,4}$/.test(stepText) || Number(stepText) === 0)
      return `The step in "${item}" (${label}) must be a whole number above 0, as in "*/5".`;
    step = Number(stepText);
  }

  const range = readRange(field, base, stepText !== undefined);
  if (typeof range === 'string') return range;
  if (stepText !== undefined && step > range.end - range.start)
    return `The step in "${item}" (${label}) is longer than its range, so it would match one value only: write ${range.start}.`;
  for (let value = range.start; value <= range.end; value += step) into.add(wrapped(field, value));
  return null;
}

/** 7 is Sunday too. */
const wrapped = (field: Field, value: number) => (field.key === 'weekday' && value === 7 ? 0 : value);

function readRange(field: Field, base: string, stepped: boolean): { start: number; end: number } | string {
  const { label, min, max } = field;
  if (base === '*') return { start: min, end: field.key === 'weekday' ? 6 : max };
  const ends = base.split('-');
  if (ends.length > 2 || ends.includes(''))
    return `"${base}" in the ${label} field is not a value or a range: write it like ${min === 0 ? '0-5' : '1-5'}.`;
  const start = readValue(field, ends[0] ?? '');
  if (typeof start === 'string') return start;
  if (ends.length === 1) {
    if (!stepped) return { start, end: start };
    // Implementations disagree on where "1/2" ends in a week that counts Sunday as 0 and as 7.
    if (field.key === 'weekday')
      return `List the days instead of "${base}/…" in the day of week field, for example "1,3,5".`;
    return { start, end: max };
  }
  const end = readValue(field, ends[1] ?? '');
  if (typeof end === 'string') return end;
  if (end < start)
    return `The range "${base}" in the ${label} field ends before it starts: write it as two ranges joined by a comma.`;
  return { start, end };
}

function readValue({ label, min, max, names, key }: Field, text: string): number | string {
  const named = names.indexOf(text.toUpperCase());
  if (named !== -1) return named + min;
  if (/^\d{1,4}$/.test(text)) {
    const value = Number(text);
    return value >= min && value <= max ? value : `The ${label} must be from ${min} to ${max}; this has ${value}.`;
  }
  if (/^(L|LW|\d+[LW]|\w+#\d)$/i.test(text))
    return `"${text}" in the ${label} field is not supported: only values, ranges (1-5), lists (1,3) and steps (*/2) are.`;
  const hint = key === 'month' ? ', or a name from JAN to DEC' : key === 'weekday' ? ', or a name from SUN to SAT' : '';
  return `"${text}" is not a ${label}: write a number from ${min} to ${max}${hint}.`;
}

function combinationProblem(parts: readonly string[], sets: Record<keyof CronFields, Set<number>>): string | null {
  const restricted = (part: string | undefined) => part !== '*' && part !== '*/1';
  if (restricted(parts[2]) && restricted(parts[4]))
    return 'Restrict the day of month or the day of week, not both: cron would run on either, Temporal only where both hold. Write "*" in one of them.';
  for (const month of sets.month) for (const day of sets.day) if (day <= (maxMonthDays[month - 1] ?? 0)) return null;
  return `This never runs: none of its months has day ${[...sets.day].join(' or ')}. Change the day of month or the month.`;
}
