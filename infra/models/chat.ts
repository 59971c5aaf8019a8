import OpenAI from 'openai';
import { isModelError, type Message, type Model, type ModelRequest, type ModelResponse } from '../../agent/ports.ts';
import type { ModelConfig, ProviderConfig } from '../config/index.ts';
import { createRedactor, masked, type Redactor } from '../redaction/index.ts';
import { readAnswer } from './chat-answer.ts';
import { chatFailure, createFetch } from './chat-failure.ts';
import { createFormatFallback, type Format } from './format.ts';
import { costOf } from './price.ts';
import { type RequestOptions, toRequestOptions } from './request-options.ts';
import { allowsStrict } from './strict-schema.ts';
import { safeToolName } from './tool-name.ts';

export type ChatModel = Model & {
  /** Makes one request. `format` says how a `responseSchema` is requested. @throws ModelError */
  send(request: ModelRequest, format: Format): Promise<ModelResponse>;
};

export type ChatOptions = {
  id: string;
  provider: ProviderConfig;
  model: ModelConfig;
  timeoutMs: number;
  /** Whether its provider is a workspace's own, which an admin can change. */
  isOwn?: boolean;
  /** @default the global one, which calls every address */
  fetch?: typeof globalThis.fetch;
  /** Monotonic clock, in milliseconds. */
  now?: () => number;
};

/**
 * A model behind OpenAI's chat completions or a compatible endpoint, whose provider has a key. It repeats a request
 * only in another format.
 */
export function createChatModel({
  id,
  provider,
  model,
  timeoutMs,
  fetch = globalThis.fetch,
  now,
}: ChatOptions): ChatModel {
  const options = toRequestOptions(provider, model);
  const redactor = createRedactor(options.secrets);
  const mask = createMask(redactor);
  const client = createClient(provider.apiKey, options, { timeoutMs, mask, fetch });
  const named = { name: provider.name, id, mask, timeoutMs };
  const complete = createFormatFallback(now);

  const send = async (request: ModelRequest, format: Format): Promise<ModelResponse> => {
    request.signal.throwIfAborted();
    const deadline = AbortSignal.timeout(timeoutMs);
    const signal = AbortSignal.any([request.signal, deadline]);
    const { responseSchema, tools } = request;
    try {
      const answer: unknown = await client.chat.completions.create(
        {
          ...options.parameters,
          model: model.id,
          messages: request.messages.map(toChatMessage),
          ...(tools?.length ? { tools: tools.map(toChatTool) } : {}),
          ...(responseSchema && toResponseFormat(responseSchema, format)),
        },
        { signal },
      );
      return readAnswer(answer, { model: id, tools: tools ?? [], mask, redactor });
    } catch (error) {
      // An abort by the caller isn't a failure of the provider.
      request.signal.throwIfAborted();
      throw isModelError(error) ? error : chatFailure(error, named, deadline.aborted);
    }
  };

  return {
    id,
    send,
    complete: (request) =>
      request.responseSchema ? complete((format) => send(request, format)) : send(request, 'text'),
    cost: (usage) => costOf(model, usage),
  };
}

/** Also masks words that the provider has shortened with asterisks itself, since they begin and end like a key. */
const createMask =
  ({ message }: Redactor) =>
  (words: string): string =>
    message(words).replace(/\S*\*{3,}\S*/g, masked);

function createClient(
  apiKey: string | undefined,
  { baseUrl, headers, query }: RequestOptions,
  { timeoutMs, mask, fetch }: { timeoutMs: number; mask: (text: string) => string; fetch: typeof globalThis.fetch },
): OpenAI {
  return new OpenAI({
    apiKey: apiKey || 'none',
    baseURL: baseUrl,
    // With only another header to authenticate with, there is no `Authorization`.
    defaultHeaders: { ...(apiKey ? {} : { authorization: null }), ...headers },
    defaultQuery: query,
    // Otherwise OPENAI_* variables would be sent to every provider.
    adminAPIKey: null,
    organization: null,
    project: null,
    maxRetries: 0,
    timeout: timeoutMs,
    fetch: createFetch(mask, fetch),
    logLevel: 'off',
  });
}

function toResponseFormat(
  responseSchema: NonNullable<ModelRequest['responseSchema']>,
  format: Format,
): Pick<OpenAI.ChatCompletionCreateParams, 'response_format'> {
  switch (format) {
    case 'json_schema':
      return {
        response_format: {
          type: 'json_schema',
          json_schema: { ...responseSchema, strict: allowsStrict(responseSchema.schema) },
        },
      };
    case 'json_object':
      return { response_format: { type: 'json_object' } };
    case 'text':
      return {};
  }
}

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
