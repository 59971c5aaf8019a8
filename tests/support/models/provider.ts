import type { IncomingHttpHeaders, ServerResponse } from 'node:http';
import { z } from 'zod';
import { serve } from '../targets/http.ts';

const chatRequest = z.looseObject({
  model: z.string(),
  messages: z.array(
    z.looseObject({
      role: z.string(),
      content: z.string().nullish(),
      tool_call_id: z.string().optional(),
      tool_calls: z
        .array(z.looseObject({ id: z.string(), function: z.object({ name: z.string(), arguments: z.string() }) }))
        .optional(),
    }),
  ),
  tools: z.array(z.object({ function: z.looseObject({ name: z.string() }) })).optional(),
  response_format: z
    .looseObject({
      type: z.enum(['json_schema', 'json_object']),
      json_schema: z.looseObject({ strict: z.boolean() }).optional(),
    })
    .optional(),
});
export type ChatRequest = z.infer<typeof chatRequest>;

type ToolCall = { id?: string; name: string; arguments: string };
export type Reply =
  | {
      answer: string;
      toolCalls?: ToolCall[];
      usage?: { input: number; output: number; cached?: number };
      finishReason?: string;
      refusal?: string;
    }
  | { status: number; headers?: { [name: string]: string }; body?: unknown }
  /** This as the body, whatever it is. @default 200 */
  | { raw: string; status?: number }
  /** The connection ends within the body. */
  | { cutOff: 'sized' | 'chunked' }
  /** Nothing more comes: no headers, or no body after them. */
  | { hang: 'headers' | 'body' };

export type FakeProvider = {
  /** To configure as `baseUrl`. */
  baseUrl: string;
  /** What was asked, in order of arrival. */
  requests: ChatRequest[];
  /** Path with query, and headers, likewise. */
  received: { url: string; headers: IncomingHttpHeaders }[];
  close(): Promise<void>;
};

/** Stands in for a model provider, at the HTTP level. `number` counts the requests from 1. */
export async function startProvider(
  reply: (request: ChatRequest, number: number) => Reply | Promise<Reply>,
): Promise<FakeProvider> {
  const requests: ChatRequest[] = [];
  const received: FakeProvider['received'] = [];
  const server = await serve((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', async () => {
      const asked = chatRequest.parse(JSON.parse(Buffer.concat(chunks).toString('utf8')));
      requests.push(asked);
      received.push({ url: request.url ?? '', headers: request.headers });
      send(response, await reply(asked, requests.length), asked.model);
    });
  });
  return { baseUrl: `${server.origin}/v1`, requests, received, close: server.close };
}

function send(response: ServerResponse, reply: Reply, model: string): void {
  const json = { 'content-type': 'application/json' };
  if ('hang' in reply) {
    if (reply.hang === 'body') response.writeHead(200, json).write('{"id":');
    return;
  }
  if ('cutOff' in reply) {
    response.writeHead(200, reply.cutOff === 'sized' ? { ...json, 'content-length': '500' } : json);
    response.write('{"id":"cut","choices":[{"message":{"content":"half', () => response.destroy());
    return;
  }
  if ('raw' in reply) {
    response.writeHead(reply.status ?? 200, json).end(reply.raw);
    return;
  }
  if ('status' in reply) {
    response.writeHead(reply.status, { ...json, ...reply.headers }).end(JSON.stringify(reply.body ?? {}));
    return;
  }
  response.writeHead(200, json).end(JSON.stringify(completion(reply, model)));
}

function completion(reply: Extract<Reply, { answer: string }>, model: string) {
  const { answer, toolCalls = [], usage = { input: 10, output: 5 }, refusal } = reply;
  return {
    id: 'chatcmpl-1',
    object: 'chat.completion',
    created: 0,
    model,
    choices: [
      {
        index: 0,
        finish_reason: reply.finishReason ?? (toolCalls.length > 0 ? 'tool_calls' : 'stop'),
        message: {
          role: 'assistant',
          content: answer || null,
          refusal: refusal ?? null,
          ...(toolCalls.length > 0 && {
            tool_calls: toolCalls.map(({ id, name, arguments: text }, index) => ({
              id: id ?? `call_${index}`,
              type: 'function',
              function: { name, arguments: text },
            })),
          }),
        },
      },
    ],
    usage: {
      prompt_tokens: usage.input,
      completion_tokens: usage.output,
      total_tokens: usage.input + usage.output,
      ...(usage.cached !== undefined && { prompt_tokens_details: { cached_tokens: usage.cached } }),
    },
  };
}
