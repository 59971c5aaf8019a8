import { z } from 'zod';
import { useCase } from '../context/use-case.ts';

/**
 * The models that a workflow can name as tester or judge; `keySet` is false where the provider's key is missing. `price`: US dollars a
 * million tokens, null where it is not known.
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
