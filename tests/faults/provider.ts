import type { IncomingMessage, ServerResponse } from 'node:http';
import { z } from 'zod';
import { type Listening, serve } from '../support/targets/http.ts';

const Request = z.object({
  messages: z.array(z.object({ role: z.string(), content: z.unknown() })),
});

export type Step = { tool: string; arguments: (reference: string) => Record<string, unknown> };

/** Stands in for a model provider: asks for the steps one after the other, and can keep an answer back. */
export type Provider = {
  /** For a provider's `baseUrl`. */
  baseUrl: string;
  /** Answers after so many tool results are kept back; null answers all that wait. */
  holdAfter(results: number | null): void;
  /** Requests that wait for their answer and whose caller is still there. */
  waiting(): number;
  close(): Promise<void>;
};

/** The prompt tells the reference as `reference <text>`; each step's arguments are made from it. */
export async function startProvider(steps: readonly Step[]): Promise<Provider> {
  let held: number | null = null;
  const kept = new Set<() => void>();

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const { messages } = Request.parse(JSON.parse(Buffer.concat(chunks).toString('utf8')));
    const results = messages.filter(({ role }) => role === 'tool').length;
    const reference = /reference ([\w-]+)/.exec(JSON.stringify(messages))?.[1] ?? 'none';
    if (results === held) {
      const { promise, resolve } = Promise.withResolvers<void>();
      const release = () => resolve();
      kept.add(release);
      response.once('close', release);
      await promise;
      kept.delete(release);
      if (response.destroyed) return;
    }
    const step = steps[results];
    const message = step
      ? {
          role: 'assistant',
          content: null,
          tool_calls: [
            {
              id: `call_${results}`,
              type: 'function',
              function: { name: step.tool, arguments: JSON.stringify(step.arguments(reference)) },
            },
          ],
        }
      : { role: 'assistant', content: 'All steps are done.' };
    response.writeHead(200, { 'content-type': 'application/json' }).end(
      JSON.stringify({
        id: `chatcmpl-${results}`,
        object: 'chat.completion',
        created: 0,
        model: 'steps',
        choices: [{ index: 0, message, finish_reason: step ? 'tool_calls' : 'stop', logprobs: null }],
        usage: { prompt_tokens: 10, completion_tokens: 5, total_tokens: 15 },
      }),
    );
  }

  const server: Listening = await serve((request, response) => {
    answer(request, response).catch((error: unknown) => response.writeHead(500).end(String(error)));
  });
  return {
    baseUrl: `${server.origin}/v1`,
    holdAfter(results) {
      held = results;
      for (const release of kept) release();
    },
    waiting: () => kept.size,
    close: server.close,
  };
}
