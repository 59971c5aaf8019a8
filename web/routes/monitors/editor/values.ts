import { type FieldError, fieldPath } from '../../../../domain/error/error.ts';
import { toEntries } from '../../../../domain/json/json.ts';
import { toFields } from '../../../../domain/schema/form.ts';
import { readFormEntries, toFormEntries } from '../../../../domain/schema/form-entries.ts';
import type { Field } from '../../../../domain/schema/form-field.ts';
import type { Values } from '../../../shell/form.ts';

export const argumentModes = ['form', 'json'] as const;
export type ArgumentMode = (typeof argumentModes)[number];

/** A tool's arguments while they are edited, in the schema's form or as JSON. */
export type ArgumentValues = { mode: ArgumentMode; json: string; entries: { [name: string]: string } };

/** One monitor in the form: every value as text, valid or not. */
export type MonitorRow = ArgumentValues & {
  /** Prefix of the names of its controls. */
  key: string;
  tool: string;
  name: string;
  timeoutSeconds: string;
  degradedAboveMs: string;
  /** One assertion per line. */
  assertions: string;
  checkOutputSchema: boolean;
  storeResults: boolean;
};

const defaultTimeout = '30';

export function toRow(
  { key, tool, name }: { key: string; tool: string; name?: string },
  from: { schema: unknown; arguments: unknown },
): MonitorRow {
  return {
    key,
    tool,
    name: name ?? tool,
    ...argumentsAs(from.schema, from.arguments),
    timeoutSeconds: defaultTimeout,
    degradedAboveMs: '',
    assertions: '',
    checkOutputSchema: true,
    storeResults: true,
  };
}

/** Uses the schema's form if it can hold all arguments, else JSON. */
export function argumentsAs(schema: unknown, value: unknown): ArgumentValues {
  const { fields, complete } = toFields(schema);
  const shown = toFormEntries(fields, value);
  const asForm = shown.complete && complete;
  return { mode: asForm ? 'form' : 'json', json: pretty(value), entries: Object.fromEntries(shown.entries) };
}

const pretty = (value: unknown) => JSON.stringify(value ?? {}, null, 2);
const marker = '.argument:';
export const entryName = (key: string, field: string) => `${key}${marker}${field}`;

/** Reads the submitted form: one `row` field per row, and controls named after it. */
export function parseRows(values: Values): MonitorRow[] {
  const ofRows = groupEntries(values);
  return [...new Set(values.row)].map((key) => {
    const one = (name: string) => (values[`${key}.${name}`]?.[0] ?? '').replaceAll('\r\n', '\n');
    return {
      key,
      tool: one('tool'),
      name: one('name'),
      mode: one('mode') === 'json' ? 'json' : 'form',
      json: one('json'),
      entries: Object.fromEntries(ofRows.get(key) ?? []),
      timeoutSeconds: one('timeoutSeconds'),
      degradedAboveMs: one('degradedAboveMs'),
      assertions: one('assertions'),
      checkOutputSchema: !(`${key}.ignoreOutputSchema` in values),
      storeResults: !(`${key}.discardResults` in values),
    };
  });
}

/** The entries of all rows, by the rows' keys: one pass, since a form may have thousands. */
function groupEntries(values: Values): Map<string, [name: string, entry: string][]> {
  const groups = new Map<string, [string, string][]>();
  for (const [name, [entry = '']] of Object.entries(values)) {
    const at = name.indexOf(marker);
    if (at === -1) continue;
    const key = name.slice(0, at);
    const group = groups.get(key) ?? [];
    group.push([name.slice(at + marker.length), entry.replaceAll('\r\n', '\n')]);
    groups.set(key, group);
  }
  return groups;
}

/** The entered arguments, and errors for what can't be parsed, by paths that begin with `arguments`. */
export function readArguments(
  { mode, json, entries }: ArgumentValues,
  fields: readonly Field[],
): { value: { [name: string]: unknown }; errors: FieldError[] } {
  if (mode === 'form') {
    const { values, errors } = readFormEntries(fields, new Map(Object.entries(entries)));
    return {
      value: values,
      errors: errors.map(({ path, message }) => ({ field: fieldPath(['arguments', ...path]), message })),
    };
  }
  const wrong = (message: string) => ({ value: {}, errors: [{ field: 'arguments', message }] });
  try {
    const value: unknown = JSON.parse(json.trim() || '{}');
    const members = toEntries(value);
    return members ? { value: Object.fromEntries(members), errors: [] } : wrong('Arguments must be a JSON object.');
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    return wrong(`Invalid JSON: ${error.message}.`);
  }
}

/** Converts arguments between form and JSON; returns them unchanged, with errors, if they don't fit. */
export function switched<T extends ArgumentValues>(
  from: T,
  fields: readonly Field[],
): { values: T; errors: FieldError[] } {
  const { value, errors } = readArguments(from, fields);
  if (errors.length > 0) return { values: from, errors };
  if (from.mode === 'form') return { values: { ...from, mode: 'json', json: pretty(value) }, errors: [] };
  const { entries, complete } = toFormEntries(fields, value);
  if (!complete)
    return {
      values: from,
      errors: [{ field: 'arguments', message: "The form can't show all of these arguments." }],
    };
  return { values: { ...from, mode: 'form', entries: Object.fromEntries(entries) }, errors: [] };
}

const optionalNumber = (text: string) => (text.trim() === '' ? null : Number(text));

/** Converts the form to the input of the use cases, which validate it. */
export const toSettings = (row: MonitorRow) => ({
  name: row.name.trim(),
  timeoutSeconds: Number(row.timeoutSeconds.trim() || defaultTimeout),
  degradedAboveMs: optionalNumber(row.degradedAboveMs),
  assertions: row.assertions
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== ''),
  checkOutputSchema: row.checkOutputSchema,
  storeResults: row.storeResults,
});

/** A key that no row of the form uses. */
export function freshKey(rows: readonly { key: string }[]): string {
  const numbers = rows.map(({ key }) => Number(key.slice(1))).filter(Number.isFinite);
  return `m${Math.max(-1, ...numbers) + 1}`;
}

/** One shared list, so that components can compare lists by identity. */
export const noErrors: readonly FieldError[] = [];

/** The messages for one of a row's fields and everything in it. @param field such as `m0.arguments.query` */
export const problemsAt = (errors: readonly FieldError[], field: string): FieldError[] =>
  errors.filter((error) => error.field === field || isInside(error.field, field));

export const problemAt = (errors: readonly FieldError[], field: string): string | undefined =>
  problemsAt(errors, field)[0]?.message;

const isInside = (inner: string, outer: string) =>
  inner.startsWith(outer) && (inner[outer.length] === '.' || inner[outer.length] === '[');
