import type { Model } from '../ports.ts';

/** Masks the secrets of a server in texts (infra/redaction). */
export type Mask = { text(text: string): string };

/** The same model, with secrets masked in its answers before anything uses them. */
export const maskModel = (model: Model, mask: Mask): Model => ({
  ...model,
  async complete(request) {
    const { content, toolCalls, usage } = await model.complete(request);
    return {
      content: mask.text(content),
      toolCalls: toolCalls.map((call) => ({ ...call, arguments: mask.text(call.arguments) })),
      usage,
    };
  },
});
