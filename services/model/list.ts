import { z } from 'zod';
import { useCase } from '../use-case.ts';

/** The models that a workflow can name as tester or judge; `keySet` is false where the provider's key is missing. */
export const listModels = useCase({
  name: 'model.list',
  access: 'viewer',
  input: z.object({}),
  run: async ({ models }) => ({
    models: models.list().map(({ id, label, tester, judge, keySet }) => ({ id, label, tester, judge, keySet })),
  }),
});
