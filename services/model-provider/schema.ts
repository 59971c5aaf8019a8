import { z } from 'zod';
import { type ProviderConfig, providerConfig } from '../../domain/model/provider.ts';
import type { ModelProviderModel as Row } from '../../prisma/generated/models.ts';

const shape = providerConfig.shape;
const modelShape = shape.models.element.shape;
/** Values by name. Null: the stored value stays. */
const values = z.record(z.string().max(200), z.string().trim().max(4000).nullable());

export const modelInput = z.object({
  id: modelShape.id,
  label: z.string().trim().max(200).optional(),
  inputPrice: modelShape.inputPrice,
  cachedInputPrice: modelShape.cachedInputPrice,
  outputPrice: modelShape.outputPrice,
  headers: values.optional().describe('Added to those of the provider. Null keeps the stored value.'),
  query: values.optional().describe('Likewise, for the query of each request.'),
  parameters: modelShape.parameters.describe('Such as {"temperature": 0}. Null takes one of the provider away.'),
});

export const providerFields = {
  baseUrl: shape.baseUrl.describe(
    'Of an endpoint with the chat completions of OpenAI, such as https://api.openai.com/v1.',
  ),
  apiKey: z.string().trim().min(1).max(4000).nullable().describe('Never shown again. Null: none.'),
  headers: values.describe('Added to every request. Values are never shown again; null keeps the stored one.'),
  query: values.describe('Likewise, for the query of each request.'),
  parameters: shape.parameters.unwrap().describe('Added to every request, such as {"temperature": 0}.'),
  models: z.array(modelInput).min(1, 'Name at least one model.').max(200),
};

/** A model as it is stored: without header and query values, which are in the secret. */
const storedModel = modelInput
  .omit({ headers: true, query: true })
  .extend({ headerNames: z.array(z.string()), queryNames: z.array(z.string()) });
export type StoredModel = z.infer<typeof storedModel>;
export const storedModels = z.array(storedModel);

const own = z.record(z.string(), z.string());
export const providerSecret = z.object({
  apiKey: z.string().nullable(),
  headers: own,
  query: own,
  /** By the id of the model. */
  models: z.record(z.string(), z.object({ headers: own, query: own })),
});
export type ProviderSecret = z.infer<typeof providerSecret>;
export const noSecret: ProviderSecret = { apiKey: null, headers: {}, query: {}, models: {} };

/** The provider as `infra/models` takes it. */
export function toProviderConfig(
  row: Pick<Row, 'name' | 'baseUrl' | 'parameters' | 'models'>,
  secret: ProviderSecret,
): ProviderConfig {
  return providerConfig.parse({
    name: row.name,
    baseUrl: row.baseUrl,
    ...(secret.apiKey !== null && { apiKey: secret.apiKey }),
    headers: secret.headers,
    query: secret.query,
    parameters: row.parameters,
    models: storedModels
      .parse(row.models)
      .map(({ headerNames: _, queryNames: __, ...model }) => ({ ...model, ...secret.models[model.id] })),
  });
}

export const providerView = z.object({
  id: z.uuid(),
  name: z.string().describe('Its models are called <name>/<model id>.'),
  baseUrl: z.string(),
  hasKey: z.boolean(),
  headerNames: z.array(z.string()),
  queryNames: z.array(z.string()),
  parameters: z.record(z.string(), z.json()),
  models: storedModels,
  createdAt: z.iso.datetime(),
  updatedAt: z.iso.datetime(),
});
export type ProviderView = z.infer<typeof providerView>;

export function toProviderView(row: Row): ProviderView {
  const { id, name, baseUrl, hasKey, headerNames, queryNames } = row;
  return {
    id,
    name,
    baseUrl,
    hasKey,
    headerNames,
    queryNames,
    parameters: z.record(z.string(), z.json()).parse(row.parameters),
    models: storedModels.parse(row.models),
    createdAt: row.createdAt.toISOString(),
    updatedAt: row.updatedAt.toISOString(),
  };
}
