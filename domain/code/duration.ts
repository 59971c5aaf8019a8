import { z } from 'zod';

const unitMs = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 } as const;
type Unit = keyof typeof unitMs;
const unitNames: { [unit in Unit]: string } = { ms: 'milliseconds', s: 'seconds', m: 'minutes', h: 'hours' };

const form = /^(\d+(?:\.\d+)?(?:e-\d+)?)(ms|s|m|h)$/;

/** `30s`, `5m`, `1h`, `500ms` as a number of the given unit; null for anything else. */
export function readDuration(text: string, unit: Unit): number | null {
  const [, count, given] = form.exec(text) ?? [];
  if (count === undefined || !isUnit(given)) return null;
  return given === unit ? Number(count) : (Number(count) * unitMs[given]) / unitMs[unit];
}

const isUnit = (text: string | undefined): text is Unit => text !== undefined && text in unitMs;

/** A number of the given unit in the largest unit that leaves it whole, up to hours. */
export function writeDuration(count: number, unit: Unit): string {
  const ms = count * unitMs[unit];
  const larger = (['h', 'm', 's'] as const).find(
    (each) => ms > 0 && unitMs[each] > unitMs[unit] && ms % unitMs[each] === 0,
  );
  return larger ? `${ms / unitMs[larger]}${larger}` : `${count}${unit}`;
}

/** A duration in a file, whose number of `unit` must fit the API's own schema. */
export const durationText = (unit: Unit, count: z.ZodType<number>) =>
  z
    .string()
    .regex(form, 'This must be a duration, such as 500ms, 30s, 5m or 1h.')
    .superRefine((text, issue) => {
      const read = readDuration(text, unit);
      const [limit] = read === null ? [] : (count.safeParse(read).error?.issues ?? []);
      if (limit) issue.addIssue({ code: 'custom', message: describeLimit(limit, unit) });
    });

function describeLimit(limit: z.core.$ZodIssue, unit: Unit): string {
  if (limit.code === 'too_big') return `At most ${writeDuration(Number(limit.maximum), unit)}.`;
  if (limit.code === 'too_small') return `At least ${writeDuration(Number(limit.minimum), unit)}.`;
  if (limit.code === 'invalid_type') return `This must be a whole number of ${unitNames[unit]}.`;
  return limit.message;
}
