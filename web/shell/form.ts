/** A text field of a form; empty if it is missing or a file. */
export function text(form: FormData, name: string): string {
  const value = form.get(name);
  return typeof value === 'string' ? value : '';
}

/** The submitted values by field, to fill the form again. */
export type Values = { [field: string]: string[] };

/** Credentials are never sent back, not even to the person who entered them. */
const secret = /^(password|token|value|headers|credential)/;

export function toValues(form: FormData): Values {
  const values: Values = {};
  for (const [name, value] of form)
    if (typeof value === 'string' && !secret.test(name)) values[name] = [...(values[name] ?? []), value];
  return values;
}

export const kept = (values: Values | undefined, name: string, fallback = ''): string =>
  values?.[name]?.[0] ?? fallback;
