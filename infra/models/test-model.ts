import { z } from 'zod';
import { isModelError, type ModelRequest, type ModelResponse } from '../../agent/ports.ts';
import { toEntries } from '../../domain/json/json.ts';
import type { ChatModel } from './chat.ts';
import { type Format, formats, parseJsonAnswer } from './format.ts';

/** `message` says why not, with what the model or its provider said. */
export type Ability = { ok: true } | { ok: false; message: string };

/** What a model can do, as a test of it found. `null`: not tried, because the model doesn't answer at all. */
export type ModelTest = {
  answers: Ability;
  /** Of the first answer. */
  latencyMs: number;
  /** Whether answers say how many tokens they took. */
  reportsUsage: boolean | null;
  callsTools: Ability | null;
  /** The best format that gives structured output, and why better ones don't; `format: null` if none does. */
  structuredOutput: { format: Format | null; failed: { format: Format; message: string }[] } | null;
};

const ask = (content: string): ModelRequest['messages'] => [{ role: 'user', content }];
const sum = z.object({ sum: z.number() });
const { $schema: _, ...schema } = z.toJSONSchema(sum);
const tool = {
  name: 'add',
  description: 'Adds two numbers.',
  inputSchema: {
    type: 'object',
    properties: { a: { type: 'number' }, b: { type: 'number' } },
    required: ['a', 'b'],
    additionalProperties: false,
  },
};

/** Makes five small requests at most. */
export async function testModel(model: ChatModel, signal: AbortSignal): Promise<ModelTest> {
  const startedAt = performance.now();
  const first = await attempt(() => model.send({ messages: ask('Answer with the word "ready".'), signal }, 'text'));
  const latencyMs = Math.round(performance.now() - startedAt);
  if (!first.ok) return { answers: first, latencyMs, reportsUsage: null, callsTools: null, structuredOutput: null };
  const { content, usage } = first.response;
  const [callsTools, structuredOutput] = await Promise.all([testTools(model, signal), testFormats(model, signal)]);
  return {
    answers: content.trim() ? { ok: true } : { ok: false, message: `${model.id} answered with an empty text.` },
    latencyMs,
    reportsUsage: usage.input > 0 && usage.output > 0,
    callsTools,
    structuredOutput,
  };
}

async function testTools(model: ChatModel, signal: AbortSignal): Promise<Ability> {
  const messages = ask('Use the tool "add" to add 2 and 3. Call it, do not calculate yourself.');
  const attempted = await attempt(() => model.send({ messages, tools: [tool], signal }, 'text'));
  if (!attempted.ok) return attempted;
  const { content, toolCalls } = attempted.response;
  const [call] = toolCalls;
  if (!call) return { ok: false, message: `It called no tool. It said: ${quote(content)}` };
  if (call.name !== tool.name)
    return { ok: false, message: `It called a tool that it was not offered: ${quote(call.name)}` };
  if (!toEntries(parseJsonAnswer(call.arguments)))
    return { ok: false, message: `The arguments of its call are not a JSON object: ${quote(call.arguments)}` };
  return { ok: true };
}

async function testFormats(model: ChatModel, signal: AbortSignal): Promise<ModelTest['structuredOutput']> {
  const messages = ask('How much is 2 + 3? Answer with one JSON object and nothing else: {"sum": number}');
  const failed: { format: Format; message: string }[] = [];
  for (const format of formats) {
    const attempted = await attempt(() =>
      model.send({ messages, responseSchema: { name: 'sum', schema }, signal }, format),
    );
    if (attempted.ok && fits(attempted.response, format)) return { format, failed };
    const message = attempted.ok ? `Its answer does not fit: ${quote(attempted.response.content)}` : attempted.message;
    failed.push({ format, message });
  }
  return { format: null, failed };
}

/** Only an enforced schema promises more than an object. */
function fits({ content }: ModelResponse, format: Format): boolean {
  const value = parseJsonAnswer(content);
  return format === 'json_schema' ? sum.safeParse(value).success : toEntries(value) !== null;
}

type Attempt = { ok: true; response: ModelResponse } | { ok: false; message: string };

async function attempt(send: () => Promise<ModelResponse>): Promise<Attempt> {
  try {
    return { ok: true, response: await send() };
  } catch (error) {
    if (!isModelError(error)) throw error;
    return { ok: false, message: error.message };
  }
}

const quote = (text: string): string => JSON.stringify(text.slice(0, 200));
