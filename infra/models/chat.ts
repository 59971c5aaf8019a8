import OpenAI, { APIError } from 'openai';
import {
  isModelError,
  type Message,
  type Model,
  ModelError,
  type ModelRequest,
  type ModelResponse,
} from '../../agent/ports.ts';
import type { ModelConfig, ProviderConfig } from '../config/index.ts';
import { readAnswer } from './chat-answer.ts';
import { chatFailure, readWhole } from './chat-failure.ts';
import { allowsStrict } from './strict-schema.ts';
import { safeToolName } from './tool-name.ts';

/** A model behind OpenAI's chat completions or a compatible endpoint. It never retries by itself. */
export function createChatModel({
  id,
  provider,
  model,
  timeoutMs,
}: {
  id: string;
  provider: ProviderConfig;
  model: ModelConfig;
  timeoutMs: number;
}): Model {
  const { apiKey } = provider;
  if (!apiKey)
    throw new ModelError(
      'misconfigured',
      `The provider "${provider.name}" has no API key, so ${id} can't be used. Set its apiKey in ARMATURE_MODELS (any text for an endpoint that needs none).`,
    );
  const client = new OpenAI({
    apiKey,
    baseURL: provider.baseUrl,
    // Otherwise OPENAI_* variables would be sent to every provider.
    adminAPIKey: null,
    organization: null,
    project: null,
    maxRetries: 0,
    timeout: timeoutMs,
    fetch: readWhole,
    logLevel: 'off',
  });
  const named = { name: provider.name, id, apiKey, timeoutMs };
  // OpenAI's newer models refuse `max_tokens`; many compatible endpoints know only that.
  const outputLimit = new URL(provider.baseUrl).hostname === 'api.openai.com' ? 'max_completion_tokens' : 'max_tokens';
  let takesSchema = true;

  const send = async (request: ModelRequest, withSchema: boolean): Promise<ModelResponse> => {
    const deadline = AbortSignal.timeout(timeoutMs);
    const signal = AbortSignal.any([request.signal, deadline]);
    const { responseSchema, tools, maxOutputTokens } = request;
    try {
      const answer: unknown = await client.chat.completions.create(
        {
          model: model.id,
          messages: request.messages.map(toChatMessage),
          ...(tools?.length ? { tools: tools.map(toChatTool) } : {}),
          ...(maxOutputTokens === undefined ? {} : { [outputLimit]: maxOutputTokens }),
          ...(responseSchema && withSchema
            ? {
                response_format: {
                  type: 'json_schema' as const,
                  json_schema: { ...responseSchema, strict: allowsStrict(responseSchema.schema) },
                },
              }
            : {}),
        },
        { signal },
      );
      return readAnswer(answer, { model: id, tools: tools ?? [] });
    } catch (error) {
      // An abort by the caller isn't a failure of the provider.
      request.signal.throwIfAborted();
      throw isModelError(error) ? error : chatFailure(error, named, deadline.aborted);
    }
  };

  return {
    id,
    async complete(request) {
      request.signal.throwIfAborted();
      if (!request.responseSchema || !takesSchema) return send(request, false);
      try {
        return await send(request, true);
      } catch (error) {
        if (!(isModelError(error) && isPlainRefusal(error))) throw error;
        const response = await send(request, false);
        takesSchema = false;
        return response;
      }
    },
    cost({ input, output, cachedInput = 0 }) {
      const { inputPrice, outputPrice, cachedInputPrice = inputPrice } = model;
      if (inputPrice === undefined || outputPrice === undefined || cachedInputPrice === undefined) return null;
      const cached = Math.min(cachedInput, input);
      return ((input - cached) * inputPrice + cached * cachedInputPrice + output * outputPrice) / 1_000_000;
    },
  };
}

/** A 400 that may be about `response_format`; the texts of endpoints differ too much to be more precise. */
const isPlainRefusal = (error: ModelError): boolean =>
  error.kind === 'misconfigured' && error.cause instanceof APIError && error.cause.status === 400;

function toChatMessage(message: Message): OpenAI.ChatCompletionMessageParam {
  switch (message.role) {
    case 'system':
    case 'user':
      return { role: message.role, content: message.content };
    case 'tool':
      return { role: 'tool', tool_call_id: message.toolCallId, content: message.content };
    case 'assistant':
      return {
        role: 'assistant',
        content: message.content || (message.toolCalls.length ? null : ''),
        ...(message.toolCalls.length
          ? {
              tool_calls: message.toolCalls.map((call) => ({
                id: call.id,
                type: 'function' as const,
                function: { name: safeToolName(call.name), arguments: call.arguments },
              })),
            }
          : {}),
      };
  }
}

const toChatTool = ({
  name,
  description,
  inputSchema,
}: NonNullable<ModelRequest['tools']>[number]): OpenAI.ChatCompletionFunctionTool => ({
  type: 'function',
  function: { name: safeToolName(name), description, parameters: inputSchema },
});
