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
  if (issue.code === 'invalid_format') return formats[issue.format] ?? null;
  if (issue.code === 'invalid_type')
    return issue.input === undefined ? 'This is missing.' : (types[issue.expected] ?? null);
  if (issue.code === 'invalid_value') return issue.input === undefined ? 'This is missing.' : oneOf(issue.values);
  if (issue.code === 'invalid_union' && 'options' in issue && Array.isArray(issue.options)) return oneOf(issue.options);
  if (issue.code === 'invalid_union' && issue.errors.length > 0)
    return [...new Set(issue.errors.map(([first]) => first?.message))].join(' Or: ');
  if (issue.code === 'unrecognized_keys') return `Nothing is called ${issue.keys.slice(0, 5).join(', ')} here.`;
  return null;
}

const formats: { [format: string]: string } = {
  uuid: 'This is not an id.',
  datetime: 'This must be an ISO time such as 2026-11-27T09:00:00Z.',
  email: 'This must be an e-mail address.',
};

const types: { [expected: string]: string } = {
  string: 'This must be text.',
  int: 'This must be a whole number.',
  number: 'This must be a number.',
  boolean: 'This must be true or false.',
  array: 'This must be a list.',
  tuple: 'This must be a list.',
  object: 'This must be an object.',
  record: 'This must be an object.',
};

const oneOf = (values: readonly unknown[]): string =>
  `This must be ${values.length === 1 ? '' : 'one of '}${values.map((value) => JSON.stringify(value)).join(', ')}.`;

const grouped = (count: number | bigint) => count.toLocaleString('en');
const many = (count: number | bigint, one: string, more = `${one}s`) => `${grouped(count)} ${count === 1 ? one : more}`;
