import { readFileSync } from 'node:fs';
import { parse as parseYaml } from 'yaml';
import { z } from 'zod';
import { type ProviderConfig, providerConfig } from '../../domain/model/provider.ts';

export type Environment = { readonly [name: string]: string | undefined };

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
