import { z } from 'zod';
import { useCase } from '../context/use-case.ts';
import { type ProviderView, toProviderView } from './schema.ts';

/** Lists the workspace's own model providers by name. Keys and values are never part of an answer. */
export const listModelProviders = useCase({
  name: 'model_provider.list',
  access: 'viewer',
  input: z.object({}),
  async run({ db, orgId }): Promise<{ providers: ProviderView[] }> {
    const rows = await db.modelProvider.findMany({ where: { orgId }, orderBy: { name: 'asc' } });
    return { providers: rows.map(toProviderView) };
  },
});
