import { readFileSync } from 'node:fs';
import { parse as parseYaml } from 'yaml';
import { z } from 'zod';

export type Environment = { readonly [name: string]: string | undefined };

const price = z.number().min(0).describe('US dollars per million tokens.');

/** One provider in the `ARMATURE_MODELS` file. Armature calls its models `<provider name>/<id>`. */
export const providerConfig = z
  .object({
    name: z
      .string()
      .regex(/^[a-z0-9][a-z0-9-]{0,38}$/, 'may contain only a–z, 0–9 and -, and at most 39 characters')
      .refine((name) => name !== 'builtin', '"builtin" is reserved for the models that come with Armature'),
    baseUrl: z
      .url({ protocol: /^https?$/, error: 'must be an http(s) address, such as https://api.openai.com/v1' })
      .transform((url) => url.replace(/\/+$/, '')),
    /** Without a key, the provider is listed but can't be used. */
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
  .refine(({ models }) => new Set(models.map(({ id }) => id)).size === models.length, 'lists a model twice');

export type ProviderConfig = z.output<typeof providerConfig>;
export type ModelConfig = ProviderConfig['models'][number];

/**
 * Reads a YAML or JSON file `{ providers: [...] }` and replaces `${NAME}` in strings with the variable from `env`.
 * @param path empty for no file and no providers
 */
export function readModelsFile(path: string, env: Environment): { providers: ProviderConfig[]; problems: string[] } {
  if (!path) return { providers: [], problems: [] };
  const unset = new Set<string>();
  const substitute = (_key: unknown, value: unknown): unknown =>
    typeof value === 'string'
      ? value.replace(/\$\{([A-Z0-9_]+)\}/g, (_, name: string) => {
          if (env[name] === undefined) unset.add(name);
          return env[name] ?? '';
        })
      : value;
  let content: unknown;
  try {
    content = parseYaml(readFileSync(path, 'utf8'), substitute);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return { providers: [], problems: [`ARMATURE_MODELS: ${path} can't be read: ${reason}`] };
  }
  if (unset.size > 0)
    return {
      providers: [],
      problems: [...unset].map((name) => `ARMATURE_MODELS (${path}): the variable ${name} is not set`),
    };
  const parsed = z.object({ providers: z.array(providerConfig) }).safeParse(content);
  if (parsed.success) return { providers: parsed.data.providers, problems: [] };
  return {
    providers: [],
    problems: parsed.error.issues.map(
      (issue) => `ARMATURE_MODELS (${path}): ${issue.path.join('.')}: ${issue.message}`,
    ),
  };
}
