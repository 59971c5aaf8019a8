/** A text field of a form; empty if it is missing or a file. */
export function text(form: FormData, name: string): string {
  const value = form.get(name);
  return typeof value === 'string' ? value : '';
}

/** The submitted values by field, to fill the form again. */
export type Values = { [field: string]: string[] };

/** Credentials are never sent back, not even to the person who entered them. */
const secret = /^(password|currentPassword|token|value|headers|credential|pathSecret|apiKey)/;
export const isSecretField = (name: string): boolean => secret.test(name);

export function toValues(form: FormData): Values {
  const values = new Map<string, string[]>();
  for (const [name, value] of form) {
    if (typeof value !== 'string' || isSecretField(name)) continue;
    const sameName = values.get(name);
    if (sameName) sameName.push(value);
    else values.set(name, [value]);
  }
  return Object.fromEntries(values);
}

export const kept = (values: Values | undefined, name: string, fallback = ''): string =>
  values?.[name]?.[0] ?? fallback;
