import { z } from 'zod';
import { givenId } from '../../domain/values/id.ts';
import { findWorkflowsOfProvider } from '../../infra/db/queries/workflow.ts';
import { useCase } from '../context/use-case.ts';
import { providerNotFound } from './errors.ts';
import { type ProviderView, toProviderView } from './schema.ts';

/**
 * One of the workspace's own model providers, with the workflows whose active version names one of its models.
 * @throws ArmatureError `model_provider_not_found`
 */
export const getModelProvider = useCase({
  name: 'model_provider.get',
  access: 'viewer',
  input: z.object({ providerId: givenId }),
  async run(
    { db, orgId },
    { providerId },
  ): Promise<{ provider: ProviderView; usedBy: { workflowId: string; name: string }[] }> {
    const row = await db.modelProvider.findFirst({ where: { orgId, id: providerId } });
    if (!row) throw providerNotFound();
    return { provider: toProviderView(row), usedBy: await findWorkflowsOfProvider(db, { orgId, provider: row.name }) };
  },
});
