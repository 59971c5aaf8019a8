import { LRUCache } from 'lru-cache';
import { type Model, ModelError } from '../../agent/ports.ts';
import type { ProviderConfig } from '../config/index.ts';
import { assertionsModel, assertionsModelId } from './assertions.ts';
import type { ChatModel } from './chat.ts';
import { createChatModelOnUse } from './chat-on-use.ts';
import { hasKey } from './request-options.ts';
import { scriptedModel, scriptedModelId } from './scripted.ts';
import { type ModelTest, testModel } from './test-model.ts';

export type { ModelTest } from './test-model.ts';

/** US dollars per million tokens. */
export type ModelPrice = { input: number; output: number; cachedInput?: number };

export const modelSources = ['builtin', 'installation', 'workspace'] as const;
export type ModelSource = (typeof modelSources)[number];

export type ModelEntry = {
  /** `<provider name>/<model id>`. */
  id: string;
  label: string;
  provider: string;
  builtin: boolean;
  /** Who has its provider: the operator, for all workspaces, or one workspace. */
  source: ModelSource;
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
  /**
   * Asks a provider's model a few small questions. Remembers nothing, and fails only if the signal aborts.
   * @throws ModelError `misconfigured` as `resolve` does, and for a built-in model.
   */
  test(id: string, signal: AbortSignal): Promise<ModelTest>;
  /**
   * These and those of a workspace's own providers, which win over providers of the same name.
   * @param fetch the only way to their endpoints
   */
  with(own: readonly WorkspaceProvider[], fetch: typeof globalThis.fetch): Models;
};

/** `revision` differs after every change: what was learnt of a model is of one revision. */
export type WorkspaceProvider = { revision: string; config: ProviderConfig };

/** What processes remember of models of workspaces: which formats their endpoints refuse. */
const maxRemembered = 2000;

/** A person waits for the result of a test. */
const maxTestRequestMs = 30_000;

const builtins: readonly ModelEntry[] = [
  {
    id: scriptedModelId,
    label: 'Scripted steps (built in)',
    provider: 'builtin',
    builtin: true,
    source: 'builtin',
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
    source: 'builtin',
    tester: false,
    judge: true,
    keySet: true,
    price: { input: 0, output: 0 },
  },
];

/**
 * The built-in models and those of the configured providers (OpenAI, or any endpoint that speaks its chat completions).
 * `timeoutMs`: wall time of one request, with the whole answer. @default 120000
 * `now`: monotonic clock, in milliseconds.
 */
export function createModels({
  providers,
  timeoutMs = 120_000,
  now,
}: {
  providers: readonly ProviderConfig[];
  timeoutMs?: number;
  now?: () => number;
}): Models {
  // A model remembers what its endpoint can't do, so each is created once.
  const remembered = new LRUCache<string, Model>({ max: maxRemembered });
  const installation = providers.map((config): Source => ({ source: 'installation', revision: config.name, config }));

  const combine = (sources: readonly Source[]): Models => {
    const entries = [...builtins, ...sources.flatMap(toModelEntries)];
    const chat = new Map(
      sources.flatMap(({ source, revision, config: provider, fetch }) =>
        provider.models.map((model) => {
          const id = `${provider.name}/${model.id}`;
          const create = (limitMs: number): ChatModel =>
            createChatModelOnUse({
              id,
              provider,
              model,
              timeoutMs: limitMs,
              isOwn: source === 'workspace',
              ...(fetch && { fetch }),
              ...(now && { now }),
            });
          return [id, { key: `${source} ${revision} ${id}`, create }] as const;
        }),
      ),
    );
    const find = (id: string) => {
      const found = chat.get(id);
      if (found) return found;
      throw new ModelError(
        'misconfigured',
        `There is no model "${id}". Known are: ${entries.map((entry) => entry.id).join(', ')}. Choose another, or add its provider: an admin in Settings → Models, the operator in ARMATURE_MODELS.`,
      );
    };
    return {
      list: () => [...entries],
      resolve(id) {
        const builtin = builtinModels.get(id);
        if (builtin) return builtin;
        const { key, create } = find(id);
        const known = remembered.get(key) ?? create(timeoutMs);
        remembered.set(key, known);
        return known;
      },
      async test(id, signal) {
        if (builtinModels.has(id))
          throw new ModelError('misconfigured', `${id} is built in: it always works. Choose a model of a provider.`);
        return testModel(find(id).create(Math.min(timeoutMs, maxTestRequestMs)), signal);
      },
      with(own, fetch) {
        const names = new Set(own.map(({ config }) => config.name));
        return combine([
          ...installation.filter(({ config }) => !names.has(config.name)),
          ...own.map(({ revision, config }): Source => ({ source: 'workspace', revision, config, fetch })),
        ]);
      },
    };
  };
  return combine(installation);
}

type Source = Pick<ModelEntry, 'source'> & WorkspaceProvider & { fetch?: typeof globalThis.fetch };

const builtinModels = new Map<string, Model>([
  [scriptedModelId, scriptedModel],
  [assertionsModelId, assertionsModel],
]);

function toModelEntries({ source, config: provider }: Source): ModelEntry[] {
  return provider.models.map((model) => ({
    id: `${provider.name}/${model.id}`,
    label: model.label ?? model.id,
    provider: provider.name,
    builtin: false,
    source,
    tester: true,
    judge: true,
    keySet: hasKey(provider, model),
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
