import { type Model, ModelError } from '../../agent/ports.ts';
import { describeCriterion } from '../../domain/assertion/criterion.ts';

export const assertionsModelId = 'builtin/assertions';

/**
 * The judge that needs no key. Assertions are graded by code before any judge is asked, so every criterion that reaches
 * this judge is an error. The criterion is the last line of the last message (agent/judge/request.ts).
 */
export const assertionsModel: Model = {
  id: assertionsModelId,
  async complete({ messages, responseSchema }) {
    if (!responseSchema)
      throw new ModelError(
        'misconfigured',
        `${assertionsModelId} is a judge: it can't work on a prompt. Choose another tester model.`,
      );
    const criterion = messages.at(-1)?.content.split('\n').at(-1)?.trim() ?? '';
    const grading = describeCriterion(criterion);
    const hint =
      grading.by === 'judge' && grading.hint
        ? ` It begins like an assertion, but at character ${grading.hint.position + 1} ${grading.hint.expected} was expected.`
        : '';
    throw new ModelError(
      'misconfigured',
      `The judge ${assertionsModelId} can't read "${criterion.slice(0, 200)}".${hint} It reads assertions only, such as: ` +
        'calls `create_order` exactly once, or: final answer contains "confirmed". Write the criterion as one (docs/assertions.md), or choose a judge model of a provider.',
    );
  },
  cost: () => 0,
};
