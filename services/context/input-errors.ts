import type { z } from 'zod';

/** Messages for zod's own issues. Null keeps zod's message, or the one of the schema. */
export function describeIssue(issue: z.core.$ZodRawIssue): string | null {
  if (issue.code === 'too_big')
    return issue.origin === 'string'
      ? `At most ${many(issue.maximum, 'character')}.`
      : issue.origin === 'array'
        ? `At most ${many(issue.maximum, 'entry', 'entries')}.`
        : `${issue.inclusive === false ? 'Less than' : 'At most'} ${grouped(issue.maximum)}.`;
  if (issue.code === 'too_small')
    return issue.origin === 'string'
      ? issue.minimum === 1
        ? 'This is needed.'
        : `At least ${many(issue.minimum, 'character')}.`
      : issue.origin === 'array'
        ? `At least ${many(issue.minimum, 'entry', 'entries')}.`
        : `${issue.inclusive === false ? 'More than' : 'At least'} ${grouped(issue.minimum)}.`;
  if (issue.code === 'invalid_format' && issue.format === 'uuid') return 'This is not an id.';
  if (issue.code === 'invalid_type' && issue.input === undefined) return 'This is needed.';
  if (issue.code === 'invalid_type' && (issue.expected === 'int' || issue.expected === 'number'))
    return issue.expected === 'int' ? 'A whole number is needed.' : 'A number is needed.';
  return null;
}

const grouped = (count: number | bigint) => count.toLocaleString('en');
const many = (count: number | bigint, one: string, more = `${one}s`) => `${grouped(count)} ${count === 1 ? one : more}`;
