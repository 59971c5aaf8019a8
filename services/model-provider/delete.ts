import { z } from 'zod';
import type { Warning } from '../../domain/error/error.ts';
import { givenId } from '../../domain/values/id.ts';
import { findWorkflowsOfProvider } from '../../infra/db/queries/workflow.ts';
import { useCase } from '../context/use-case.ts';
import { destroySecrets } from '../server/secrets.ts';
import { providerNotFound } from './errors.ts';

/**
 * Deletes a model provider of the workspace with its key. Workflows that name its models stay, and their runs end in
 * `error` (misconfigured): `warnings` says so, and `usedBy` names them.
 * @throws ArmatureError `model_provider_not_found`
 */
export const deleteModelProvider = useCase({
  name: 'model_provider.delete',
  access: 'admin',
  input: z.object({ providerId: givenId }),
  async run(
    { ctx, db, orgId, write },
    { providerId },
  ): Promise<{ name: string; usedBy: { workflowId: string; name: string }[]; warnings: Warning[] }> {
    const { name, secretRef } = await write(
      async (tx) => {
        const row = await tx.modelProvider.findFirst({ where: { orgId, id: providerId } });
        if (!row) throw providerNotFound();
        await tx.modelProvider.deleteMany({ where: { orgId, id: providerId } });
        return row;
      },
      (row) => ({ subject: providerId, data: { name: row.name } }),
    );
    await destroySecrets(ctx.deps, orgId, [secretRef]);
    const usedBy = await findWorkflowsOfProvider(db, { orgId, provider: name });
    const message = `${usedBy.length} ${usedBy.length === 1 ? 'workflow uses' : 'workflows use'} its models: their runs end in an error. Choose other models for them.`;
    return { name, usedBy, warnings: usedBy.length > 0 ? [{ code: 'model_unknown', message }] : [] };
  },
});
