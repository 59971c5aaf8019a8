import { ArmatureError } from '../../../../domain/error/error.ts';
import type { ProviderView } from '../../../../services/model-provider/schema.ts';
import { text, type Values } from '../../../shell/form.ts';

/** Rows for new models, below those that are there. */
const blankRows = 3;
const modelFields = ['id', 'label', 'inputPrice', 'cachedInputPrice', 'outputPrice', 'parameters'] as const;
type ModelField = (typeof modelFields)[number];

export type FormValues = { get(name: string): string; modelRows: number[] };

export const fieldName = (row: number, field: ModelField): string => `model${row}.${field}`;

/** The form of a stored provider; without one, of a new one. */
export function fromProvider(provider: ProviderView | null): FormValues {
  const values = new Map<string, string>();
  const json = (value: object | undefined) => (value && Object.keys(value).length > 0 ? JSON.stringify(value) : '');
  if (provider) {
    values.set('baseUrl', provider.baseUrl);
    values.set('headers', provider.headerNames.map((name) => `${name}:`).join('\n'));
    values.set('valuesOfQuery', provider.queryNames.map((name) => `${name}:`).join('\n'));
    values.set('parameters', json(provider.parameters));
    for (const [row, model] of provider.models.entries())
      for (const field of modelFields)
        values.set(
          fieldName(row, field),
          field === 'parameters' ? json(model.parameters) : (model[field]?.toString() ?? ''),
        );
  }
  const count = (provider?.models.length ?? 0) + blankRows;
  return { get: (name) => values.get(name) ?? '', modelRows: Array.from({ length: count }, (_, row) => row) };
}

/** A refused form. Secret values are typed again; a stored one stays where its name is listed. */
export function fromValues(values: Values, provider: ProviderView | null): FormValues {
  const stored = fromProvider(provider);
  const rows = Object.keys(values).flatMap((name) => /^model(\d+)\.id$/.exec(name)?.[1] ?? []);
  return {
    get: (name) => values[name]?.[0] ?? stored.get(name),
    modelRows: rows.length > 0 ? rows.map(Number) : stored.modelRows,
  };
}

/** As the use cases take it. @throws ArmatureError `validation_failed` for parameters that are no JSON object */
export function toProviderInput(form: FormData, provider: ProviderView | null) {
  const rows = [...form.keys()].flatMap((name) => /^model(\d+)\.id$/.exec(name)?.[1] ?? []).map(Number);
  const price = (row: number, field: 'inputPrice' | 'cachedInputPrice' | 'outputPrice') => {
    const written = text(form, fieldName(row, field)).trim().replace(',', '.');
    return written === '' ? {} : { [field]: Number(written) };
  };
  return {
    baseUrl: text(form, 'baseUrl').trim(),
    headers: readLines(text(form, 'headers')),
    query: readLines(text(form, 'valuesOfQuery')),
    parameters: readParameters(text(form, 'parameters'), 'parameters'),
    models: rows
      .filter((row) => text(form, fieldName(row, 'id')).trim() !== '')
      .map((row, index) => {
        const id = text(form, fieldName(row, 'id')).trim();
        const label = text(form, fieldName(row, 'label')).trim();
        const stored = provider?.models.find((model) => model.id === id);
        const parameters = readParameters(text(form, fieldName(row, 'parameters')), `models[${index}].parameters`);
        return {
          id,
          ...(label && { label }),
          ...price(row, 'inputPrice'),
          ...price(row, 'cachedInputPrice'),
          ...price(row, 'outputPrice'),
          ...(Object.keys(parameters).length > 0 && { parameters }),
          // Only the API sets values of a single model; the form keeps them.
          ...(stored && { headers: keep(stored.headerNames), query: keep(stored.queryNames) }),
        };
      }),
  };
}

const keep = (names: readonly string[]): { [name: string]: null } =>
  Object.fromEntries(names.map((name) => [name, null]));

/** `name: value`, a line each. Without a value the stored one stays. */
function readLines(written: string): { [name: string]: string | null } {
  return Object.fromEntries(
    written.split('\n').flatMap((line) => {
      const [name = '', ...rest] = line.split(':');
      const value = rest.join(':').trim();
      return name.trim() === '' ? [] : [[name.trim(), value === '' ? null : value]];
    }),
  );
}

function readParameters(written: string, field: string) {
  if (written.trim() === '') return {};
  try {
    const parsed: unknown = JSON.parse(written);
    if (typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed)) return { ...parsed };
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
  }
  const message = 'Write a JSON object, such as {"temperature": 0}.';
  throw new ArmatureError('validation_failed', `${field}: ${message}`, 'Correct the field, then save again.', {
    fieldErrors: [{ field, message }],
  });
}
