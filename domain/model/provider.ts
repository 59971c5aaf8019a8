import { z } from 'zod';

const price = z.number().min(0).describe('US dollars per million tokens.');

const unsettableHeaders: ReadonlySet<string> = new Set([
  'connection',
  'content-length',
  'content-type',
  'host',
  'transfer-encoding',
]);
/** Members of a request that Armature sets itself, or whose answer it could not read. */
const unsettableParameters: ReadonlySet<string> = new Set([
  'messages',
  'model',
  'n',
  'response_format',
  'stream',
  'stream_options',
  'tools',
]);
const scalar = z.union([z.string(), z.number(), z.boolean()]).transform((value) => String(value).trim());

function findHeaderProblem(name: string, value: string): string | null {
  if (!/^[\w!#$%&'*+.^`|~-]+$/.test(name)) return 'is not a valid header name';
  if (unsettableHeaders.has(name.toLowerCase())) return 'is a header that Armature sets itself';
  return /^[\t -~\u0080-\u00ff]*$/.test(value) ? null : 'contains a character that a header must not contain';
}

/** Added to every request. A provider's apply to all of its models; a model's own win. */
const requestOptions = {
  headers: z
    .record(z.string(), scalar)
    .superRefine((headers, context) => {
      for (const [name, value] of Object.entries(headers)) {
        const problem = findHeaderProblem(name, value);
        if (problem) context.addIssue({ code: 'custom', path: [name], message: problem });
      }
    })
    .transform((headers) =>
      Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value])),
    )
    .optional(),
  query: z.record(z.string(), scalar).optional(),
  /** `null` in a model removes its provider's. */
  parameters: z
    .record(z.string(), z.json())
    .superRefine((parameters, context) => {
      for (const name of Object.keys(parameters))
        if (unsettableParameters.has(name))
          context.addIssue({ code: 'custom', path: [name], message: 'is a parameter that Armature sets itself' });
    })
    .optional(),
};

/**
 * One provider in the `ARMATURE_MODELS` file, or in a file of workflows. Armature calls its models
 * `<provider name>/<id>`.
 */
export const providerConfig = z
  .strictObject({
    name: z
      .string()
      .regex(/^[a-z0-9][a-z0-9-]{0,38}$/, 'may contain only a–z, 0–9 and -, and at most 39 characters')
      .refine((name) => name !== 'builtin', '"builtin" is reserved for the models that come with Armature'),
    baseUrl: z
      .url({ protocol: /^https?$/, error: 'must be an http(s) address, such as https://api.openai.com/v1' })
      .refine(hasOnlyPath, 'must not contain a query, a fragment or credentials. Use query, headers or apiKey')
      .transform((url) => url.replace(/\/+$/, '')),
    /** Without a key, here or in a header or query value, the provider is listed but can't be used. */
    apiKey: z.string().trim().optional(),
    ...requestOptions,
    models: z
      .array(
        z.strictObject({
          id: z.string().trim().min(1).max(150),
          label: z.string().optional(),
          ...requestOptions,
          inputPrice: price.optional(),
          outputPrice: price.optional(),
          cachedInputPrice: price.optional(),
        }),
      )
      .min(1, 'needs at least one model'),
  })
  .refine(({ models }) => new Set(models.map(({ id }) => id)).size === models.length, 'lists a model twice');

/** What follows `?` would end up in the middle of the address, since the path of each request is appended. */
function hasOnlyPath(url: string): boolean {
  const { username, password } = URL.canParse(url) ? new URL(url) : { username: '', password: '' };
  return !/[?#]/.test(url) && !username && !password;
}

export type ProviderConfig = z.output<typeof providerConfig>;
export type ModelConfig = ProviderConfig['models'][number];
