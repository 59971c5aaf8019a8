import { z } from 'zod';
import { isModelError } from '../../agent/ports.ts';
import { ArmatureError } from '../../domain/error/error.ts';
import type { ModelTest } from '../../infra/models/index.ts';
import { useCase } from '../context/use-case.ts';
import { loadModels } from './load.ts';

/**
 * Finds out what a provider's model can do, by a few small questions: whether it answers, calls tools, and by which
 * format it gives structured output. What doesn't work is part of the result.
 * @throws ArmatureError `model_unavailable` for an unknown id, a provider without key, or a built-in model
 */
export const testModel = useCase({
  name: 'model.test',
  access: 'admin',
  input: z.object({ model: z.string().min(1).max(200) }),
  async run({ ctx, orgId }, { model }): Promise<{ model: string; test: ModelTest }> {
    const models = await loadModels(ctx.deps, orgId);
    try {
      return { model, test: await models.test(model, new AbortController().signal) };
    } catch (error) {
      if (!isModelError(error)) throw error;
      throw new ArmatureError('model_unavailable', error.message, 'Choose a model of a provider with a key.');
    }
  },
});
