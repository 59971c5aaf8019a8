import { type Model, ModelError } from '../../agent/ports.ts';
import type { ProviderConfig } from '../config/index.ts';
import { assertionsModel, assertionsModelId } from './assertions.ts';
import { createChatModel } from './chat.ts';
import { scriptedModel, scriptedModelId } from './scripted.ts';

/** US dollars per million tokens. */
export type ModelPrice = { input: number; output: number; cachedInput?: number };

export type ModelEntry = {
  /** `<provider name>/<model id>`. */
  id: string;
  label: string;
  provider: string;
  builtin: boolean;
  /** The roles that it can be chosen for. */
  tester: boolean;
  judge: boolean;
  /** False: listed, but `resolve` refuses it until its provider has a key. */
  keySet: boolean;
  price?: ModelPrice;
};

export type Models = {
  list(): ModelEntry[];
  /** @throws ModelError `misconfigured` for an unknown id, or a provider without key. */
  resolve(id: string): Model;
};

const builtins: readonly ModelEntry[] = [
  {
    id: scriptedModelId,
    label: 'Scripted steps (built in)',
    provider: 'builtin',
    builtin: true,
    tester: true,
    judge: false,
    keySet: true,
    price: { input: 0, output: 0 },
  },
  {
    id: assertionsModelId,
    label: 'Assertions only (built in)',
    provider: 'builtin',
    builtin: true,
    tester: false,
    judge: true,
    keySet: true,
    price: { input: 0, output: 0 },
  },
];

/**
 * The built-in models and those of the configured providers (OpenAI, or any endpoint that speaks its chat completions).
 * `timeoutMs`: wall time of one request, with the whole answer. @default 120000
 */
export function createModels({
  providers,
  timeoutMs = 120_000,
}: {
  providers: readonly ProviderConfig[];
  timeoutMs?: number;
}): Models {
  const entries = [...builtins, ...providers.flatMap(toModelEntries)];
  const chat = new Map(
    providers.flatMap((provider) =>
      provider.models.map((model) => {
        const id = `${provider.name}/${model.id}`;
        return [id, () => createChatModel({ id, provider, model, timeoutMs })] as const;
      }),
    ),
  );
  // A model remembers what its endpoint can't do, so each is created once.
  const made = new Map<string, Model>([
    [scriptedModelId, scriptedModel],
    [assertionsModelId, assertionsModel],
  ]);

  return {
    list: () => [...entries],
    resolve(id) {
      const known = made.get(id);
      if (known) return known;
      const make = chat.get(id);
      if (!make)
        throw new ModelError(
          'misconfigured',
          `There is no model "${id}". Known are: ${entries.map((entry) => entry.id).join(', ')}. Add it to ARMATURE_MODELS, or choose another.`,
        );
      const model = make();
      made.set(id, model);
      return model;
    },
  };
}

function toModelEntries(provider: ProviderConfig): ModelEntry[] {
  return provider.models.map((model) => ({
    id: `${provider.name}/${model.id}`,
    label: model.label ?? model.id,
    provider: provider.name,
    builtin: false,
    tester: true,
    judge: true,
    keySet: Boolean(provider.apiKey),
    ...(model.inputPrice !== undefined && model.outputPrice !== undefined
      ? {
          price: {
            input: model.inputPrice,
            output: model.outputPrice,
            ...(model.cachedInputPrice === undefined ? {} : { cachedInput: model.cachedInputPrice }),
          },
        }
      : {}),
  }));
}
