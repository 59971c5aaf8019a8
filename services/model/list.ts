import { z } from 'zod';
import { useCase } from '../context/use-case.ts';

/**
 * Lists the models that a workflow can use as tester or judge. `keySet` is false if the provider's key is missing;
 * `price` is in US dollars per million tokens, null if unknown.
 */
export const listModels = useCase({
  name: 'model.list',
  access: 'viewer',
  input: z.object({}),
  run: async ({ models }) => ({
    models: models.list().map(({ id, label, provider, builtin, tester, judge, keySet, price }) => ({
      id,
      label,
      provider,
      builtin,
      tester,
      judge,
      keySet,
      price: price ?? null,
    })),
  }),
});
