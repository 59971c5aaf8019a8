import { z } from 'zod';

const price = z.number().min(0).describe('US dollars a million tokens.');

/** One provider of `ARMATURE_MODELS`. A model's id in Armature is `<provider name>/<id>`. */
export const providerConfig = z
  .object({
    name: z
      .string()
      .regex(/^[a-z0-9][a-z0-9-]{0,38}$/, 'may hold a–z, 0–9 and -, up to 39 characters')
      .refine((name) => name !== 'builtin', '"builtin" is the name of the models that come with Armature'),
    baseUrl: z
      .url({ protocol: /^https?$/, error: 'must be an http(s) address, such as https://api.openai.com/v1' })
      .transform((url) => url.replace(/\/+$/, '')),
    /** Empty where the variable it is taken from is not set: the provider is listed, but can't be used. */
    apiKey: z.string().trim().optional(),
    models: z
      .array(
        z.object({
          id: z.string().trim().min(1).max(150),
          label: z.string().optional(),
          inputPrice: price.optional(),
          outputPrice: price.optional(),
          cachedInputPrice: price.optional(),
        }),
      )
      .min(1, 'needs at least one model'),
  })
  .refine(({ models }) => new Set(models.map(({ id }) => id)).size === models.length, 'names a model twice');

export type ProviderConfig = z.output<typeof providerConfig>;
export type ModelConfig = ProviderConfig['models'][number];
