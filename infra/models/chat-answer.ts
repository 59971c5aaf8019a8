import { z } from 'zod';
import { ModelError, type ModelResponse } from '../../agent/ports.ts';
import type { Redactor } from '../redaction/index.ts';
import { AnsweredError, findSentence } from './answered-error.ts';
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

type Asked = {
  model: string;
  tools: readonly { name: string }[];
  /** For what the provider says of a failure. */
  mask: (words: string) => string;
  /** For what the model says. */
  redactor: Redactor;
};

/** @throws ModelError `malformed`, `refused`, `too_large` */
export function readAnswer(answer: unknown, asked: Asked): ModelResponse {
  const { model, tools, mask, redactor } = asked;
  const parsed = completion.safeParse(answer);
  const choice = parsed.data?.choices[0];
  if (!parsed.data || !choice) throw malformed(answer, asked, parsed.error);
  const { message, finish_reason } = choice;
  if (message.refusal || finish_reason === 'content_filter')
    throw new ModelError(
      'refused',
      `${model} declined to answer${message.refusal ? `: ${mask(message.refusal).slice(0, 300)}` : ' (content filter)'}.`,
    );
  if (finish_reason === 'length')
    throw new ModelError('too_large', `${model} reached its output limit in the middle of its answer.`);
  const names = new Map(tools.map(({ name }) => [safeToolName(name), name]));
  const content = message.content ?? '';
  const { usage } = parsed.data;
  const cached = usage?.prompt_tokens_details?.cached_tokens;
  return {
    content: redactor.text(typeof content === 'string' ? content : content.map(({ text = '' }) => text).join('')),
    toolCalls: (message.tool_calls ?? []).map(({ id, function: call }, index) => ({
      id: id || `call_${index + 1}`,
      name: names.get(call.name) ?? call.name,
      arguments: redactor.text(
        typeof call.arguments === 'string' ? call.arguments : JSON.stringify(call.arguments ?? {}),
      ),
    })),
    usage: {
      input: usage?.prompt_tokens ?? 0,
      output: usage?.completion_tokens ?? 0,
      ...(typeof cached === 'number' ? { cachedInput: cached } : {}),
    },
  };
}

function malformed(body: unknown, { model, mask }: Asked, error: z.ZodError | undefined): ModelError {
  if (findSentence(body) !== null) {
    const cause = new AnsweredError({ status: 200, body, mask });
    return new ModelError('malformed', `${model} answered 200 with an error: ${cause.words}`, { cause });
  }
  const [issue] = error?.issues ?? [];
  const where = issue?.path.length ? ` (${issue.path.join('.')}: ${issue.message})` : '';
  const what = typeof body === 'string' ? 'something that is not JSON' : 'JSON that is not a chat completion';
  return new ModelError('malformed', `${model} answered with ${what}${where}.`);
}
