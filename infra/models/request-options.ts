import { describeOrdinary } from '../../domain/secret/ordinary.ts';
import type { ModelConfig, ProviderConfig } from '../config/index.ts';

/** What is added to every request of a model. */
export type RequestOptions = {
  baseUrl: string;
  headers: { [name: string]: string };
  query: { [name: string]: string };
  parameters: { [name: string]: unknown };
  /** What must not be shown. */
  secrets: string[];
};

/** A model's own options over those of its provider. `{model}` in the base URL is the model's id. */
export function toRequestOptions(provider: ProviderConfig, model: ModelConfig): RequestOptions {
  const headers = { ...provider.headers, ...model.headers };
  const query = { ...provider.query, ...model.query };
  const parameters = Object.entries({ ...provider.parameters, ...model.parameters });
  return {
    baseUrl: provider.baseUrl.replaceAll('{model}', encodeURIComponent(model.id)),
    headers,
    query,
    parameters: Object.fromEntries(parameters.filter(([, value]) => value !== null)),
    secrets: [
      provider.apiKey ?? '',
      ...Object.values(headers).filter((value) => describeOrdinary(value) === null),
      ...secretValues(query),
    ],
  };
}

/** Whether there is anything to authenticate with: `apiKey`, or a value of its own under a name such as `api-key`. */
export function hasKey(provider: ProviderConfig, model: ModelConfig): boolean {
  const named = [provider.headers, provider.query, model.headers, model.query].flatMap((values) =>
    secretValues(values ?? {}),
  );
  return Boolean(provider.apiKey) || named.some(Boolean);
}

const secretValues = (values: { [name: string]: string }): string[] =>
  Object.entries(values).flatMap(([name, value]) => (/auth|key|token|secret|signature/i.test(name) ? [value] : []));
