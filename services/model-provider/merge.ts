import type { z } from 'zod';
import type { FieldError } from '../../domain/error/error.ts';
import { type ProviderConfig, providerConfig } from '../../domain/model/provider.ts';
import { validationError } from '../context/errors.ts';
import type { modelInput, ProviderSecret, StoredModel } from './schema.ts';

type Values = { [name: string]: string | null };
type Given = {
  name: string;
  baseUrl: string;
  apiKey: string | null;
  headers: Values;
  query: Values;
  parameters: NonNullable<ProviderConfig['parameters']>;
  models: z.output<typeof modelInput>[];
};

/**
 * What is stored of a provider: the row's columns, and the secret with values that stay taken from the old one.
 * @param stored null where a value can't stay: a new provider, or one whose address moved to another origin
 * @throws ArmatureError `validation_failed`
 */
export function mergeProvider(
  given: Given,
  stored: ProviderSecret | null,
): { secret: ProviderSecret; models: StoredModel[]; headerNames: string[]; queryNames: string[] } {
  const problems: FieldError[] = [];
  const fill = (field: string, wanted: Values, old: { [name: string]: string } | undefined) =>
    Object.fromEntries(
      Object.entries(wanted).map(([name, value]) => {
        const kept = value ?? old?.[name];
        if (kept === undefined) problems.push({ field: `${field}.${name}`, message: 'Type the value.' });
        return [name, kept ?? ''];
      }),
    );
  const secret: ProviderSecret = {
    apiKey: given.apiKey,
    headers: fill('headers', toLowerCase(given.headers), stored?.headers),
    query: fill('query', given.query, stored?.query),
    models: Object.fromEntries(
      given.models.flatMap(({ id, headers = {}, query = {} }, index) =>
        Object.keys(headers).length + Object.keys(query).length === 0
          ? []
          : [
              [
                id,
                {
                  headers: fill(`models[${index}].headers`, toLowerCase(headers), stored?.models[id]?.headers),
                  query: fill(`models[${index}].query`, query, stored?.models[id]?.query),
                },
              ],
            ],
      ),
    ),
  };
  if (problems.length > 0) throw validationError(problems, 'Stored values are never shown, so type those again.');
  const fieldErrors = check(given, secret);
  if (fieldErrors.length > 0) throw validationError(fieldErrors);
  return {
    secret,
    headerNames: Object.keys(secret.headers),
    queryNames: Object.keys(secret.query),
    models: given.models.map(({ headers = {}, query = {}, ...model }) => ({
      ...model,
      headerNames: Object.keys(toLowerCase(headers)),
      queryNames: Object.keys(query),
    })),
  };
}

/** Header names, in which case doesn't matter. */
const toLowerCase = (headers: Values): Values =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));

/** The rules of the operator's file hold for providers of workspaces too. */
function check(given: Given, secret: ProviderSecret): FieldError[] {
  const { error } = providerConfig.safeParse({
    ...given,
    apiKey: secret.apiKey ?? undefined,
    headers: secret.headers,
    query: secret.query,
    models: given.models.map((model) => ({ ...model, headers: {}, query: {}, ...secret.models[model.id] })),
  });
  return (error?.issues ?? []).map(({ path, message }) => ({
    field: path
      .map((part, index) => (typeof part === 'number' ? `[${part}]` : `${index ? '.' : ''}${String(part)}`))
      .join(''),
    message: `${message.charAt(0).toUpperCase()}${message.slice(1)}.`,
  }));
}
