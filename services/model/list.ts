import { z } from 'zod';
import { useCase } from '../context/use-case.ts';
import { loadModels } from './load.ts';

/**
 * Lists the models that a workflow can use as tester or judge. `source` says whose the provider is: the installation's,
 * for all workspaces, or this workspace's own. `keySet` is false if its key is missing; `price` is in US dollars per
 * million tokens, null if unknown.
 */
export const listModels = useCase({
  name: 'model.list',
  access: 'viewer',
  input: z.object({}),
  run: async ({ ctx, orgId }) => ({
    models: (await loadModels(ctx.deps, orgId)).list().map(({ price, ...model }) => ({
      ...model,
      price: price ?? null,
    })),
  }),
});
