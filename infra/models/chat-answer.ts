import { z } from 'zod';
import { ModelError, type ModelResponse } from '../../agent/ports.ts';
import { toEntries } from '../../domain/json/json.ts';
import { safeToolName } from './tool-name.ts';

/** Lenient, since compatible endpoints differ: no call id, arguments as an object, content in parts, no usage. */
const completion = z.object({
  choices: z
    .array(
      z.object({
        finish_reason: z.string().nullish(),
        message: z.object({
          content: z.union([z.string(), z.array(z.looseObject({ text: z.string().optional() }))]).nullish(),
          refusal: z.string().nullish(),
          tool_calls: z
            .array(
              z.object({
                id: z.string().nullish(),
                function: z.object({
                  name: z.string().min(1),
                  arguments: z.union([z.string(), z.record(z.string(), z.unknown())]).nullish(),
                }),
              }),
            )
            .nullish(),
        }),
      }),
    )
    .min(1),
  usage: z
    .object({
      prompt_tokens: z.number().min(0),
      completion_tokens: z.number().min(0),
      prompt_tokens_details: z.object({ cached_tokens: z.number().min(0).nullish() }).nullish(),
    })
    .nullish(),
});

/** @throws ModelError `malformed`, `refused`, `too_large` */
export function readAnswer(
  answer: unknown,
  { model, tools }: { model: string; tools: readonly { name: string }[] },
): ModelResponse {
  const parsed = completion.safeParse(answer);
  const choice = parsed.data?.choices[0];
  if (!parsed.data || !choice) throw malformed(model, answer, parsed.error);
  const { message, finish_reason } = choice;
  if (message.refusal || finish_reason === 'content_filter')
    throw new ModelError(
      'refused',
      `${model} declined to answer${message.refusal ? `: ${message.refusal.slice(0, 300)}` : ' (content filter)'}.`,
    );
  if (finish_reason === 'length')
    throw new ModelError('too_large', `${model} reached its output limit in the middle of its answer.`);
  const names = new Map(tools.map(({ name }) => [safeToolName(name), name]));
  const content = message.content ?? '';
  const { usage } = parsed.data;
  const cached = usage?.prompt_tokens_details?.cached_tokens;
  return {
    content: typeof content === 'string' ? content : content.map(({ text = '' }) => text).join(''),
    toolCalls: (message.tool_calls ?? []).map(({ id, function: call }, index) => ({
      id: id || `call_${index + 1}`,
      name: names.get(call.name) ?? call.name,
      arguments: typeof call.arguments === 'string' ? call.arguments : JSON.stringify(call.arguments ?? {}),
    })),
    usage: {
      input: usage?.prompt_tokens ?? 0,
      output: usage?.completion_tokens ?? 0,
      ...(typeof cached === 'number' ? { cachedInput: cached } : {}),
    },
  };
}

function malformed(model: string, answer: unknown, error: z.ZodError | undefined): ModelError {
  const said = toEntries(toEntries(answer)?.get('error'))?.get('message');
  if (typeof said === 'string')
    return new ModelError('malformed', `${model} answered 200 with an error: ${said.slice(0, 300)}`);
  const [issue] = error?.issues ?? [];
  const where = issue?.path.length ? ` (${issue.path.join('.')}: ${issue.message})` : '';
  const what = typeof answer === 'string' ? 'something that is not JSON' : 'JSON that is not a chat completion';
  return new ModelError('malformed', `${model} answered with ${what}${where}.`);
}
