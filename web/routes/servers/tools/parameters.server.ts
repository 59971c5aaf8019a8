import type { Field } from '../../../../domain/schema/form-field.ts';

/** One line of the table of parameters. Texts are the server's. */
export type Parameter = {
  name: string;
  isRequired: boolean;
  type: string;
  description: string;
  default: string | null;
};

const maxShownOptions = 6;

export const toParameters = (fields: readonly Field[]): Parameter[] =>
  fields.map((field) => ({
    name: field.path.join('.'),
    isRequired: field.required,
    type: toType(field),
    description: field.description,
    default: field.default ?? null,
  }));

function toType({ kind, options, format, min, max }: Field): string {
  if (kind === 'select' && options) {
    const shown = options.slice(0, maxShownOptions).map(({ label }) => label);
    return `${shown.join(' | ')}${options.length > maxShownOptions ? ' | …' : ''}`;
  }
  const bounds = [isReal(min) ? `≥ ${min}` : null, isReal(max) ? `≤ ${max}` : null].filter(Boolean);
  return [format ?? (kind === 'json' ? 'JSON' : kind), ...bounds].join(', ');
}

/** Generators write the limits of a number type where the schema has none. */
const isReal = (bound: number | undefined): boolean => bound !== undefined && Math.abs(bound) < Number.MAX_SAFE_INTEGER;
