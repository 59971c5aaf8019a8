import { ModelError } from '../../agent/ports.ts';
import type { ChatModel, ChatOptions } from './chat.ts';
import { costOf } from './price.ts';
import { hasKey } from './request-options.ts';

/**
 * The same model as `createChatModel`, which loads the SDK at the first request: it is large, and many processes ask no
 * model.
 * @throws ModelError `misconfigured` if the provider has no key
 */
export function createChatModelOnUse(options: ChatOptions): ChatModel {
  const { id, provider, model, isOwn = false } = options;
  if (!hasKey(provider, model))
    throw new ModelError(
      'misconfigured',
      `The provider "${provider.name}" has no API key, so ${id} can't be used. Set its ${isOwn ? 'key in Settings → Models' : 'apiKey in ARMATURE_MODELS'} (any text for an endpoint that needs none).`,
    );
  let loading: Promise<ChatModel> | undefined;
  const load = (): Promise<ChatModel> => {
    loading ??= import('./chat.ts').then(({ createChatModel }) => createChatModel(options));
    return loading;
  };
  return {
    id,
    send: async (request, format) => (await load()).send(request, format),
    complete: async (request) => (await load()).complete(request),
    cost: (usage) => costOf(model, usage),
  };
}
