import { z } from 'zod';
import { tags } from '../../domain/code/schema.ts';
import { slug } from '../../domain/code/slug.ts';
import type { Warning } from '../../domain/error/error.ts';
import type { Tx } from '../../infra/db/index.ts';
import { lockSlugs } from '../../infra/db/queries/slug.ts';
import { validationError } from '../context/errors.ts';
import { useCase } from '../context/use-case.ts';
import { loadModels } from '../model/load.ts';
import { loadModelDefaults } from '../organization/settings.ts';
import { completeDefinition, definitionInput } from './definition.ts';
import { nameWarnings } from './name-warnings.ts';
import { toVersionView, toWorkflowView, type VersionView, type WorkflowView } from './reading/view.ts';
import { checkReferences } from './references.ts';
import { insertWorkflow } from './store.ts';
import { syncScheduleOrWarn } from './sync-schedule.ts';

/**
 * Creates an active workflow with version 1. A definition that can't run yet is saved with warnings.
 * @throws ArmatureError `validation_failed`, `mcp_server_not_found`, `auth_profile_not_found`
 */
export const createWorkflow = useCase({
  name: 'workflow.create',
  access: 'editor',
  input: z.object({
    definition: definitionInput,
    slug: slug.optional().describe('What files and commands call it, for good. Default: made from the name.'),
    tags: tags.optional(),
  }),
  async run(
    { ctx, db, orgId, actor, write },
    input,
  ): Promise<{ workflow: WorkflowView; version: VersionView; warnings: Warning[] }> {
    const definition = completeDefinition(input.definition, await loadModelDefaults(db, orgId));
    const models = await loadModels(ctx.deps, orgId);
    const saved = await write(
      async (tx) => {
        const { warnings } = await checkReferences(tx, { orgId, definition, models });
        const sameName = await nameWarnings(tx, { orgId, name: definition.name });
        if (input.slug !== undefined) await requireFreeSlug(tx, { orgId, slug: input.slug });
        const inserted = await insertWorkflow(tx, {
          orgId,
          actor,
          definition,
          ...(input.slug !== undefined && { slug: input.slug }),
          ...(input.tags && { tags: [...new Set(input.tags)] }),
        });
        return { ...inserted, warnings: [...sameName, ...warnings] };
      },
      ({ workflow, version }) => ({
        subject: workflow.id,
        data: { name: definition.name, serverId: definition.serverId, versionId: version.id },
      }),
    );
    const late = await syncScheduleOrWarn(ctx.deps, { orgId, workflowId: saved.workflow.id });
    return {
      workflow: { ...toWorkflowView(saved.workflow), scheduleSynced: late.length === 0 },
      version: toVersionView(saved.version),
      warnings: [...saved.warnings, ...late],
    };
  },
});

/** Holds the slug until the transaction ends. @throws ArmatureError `validation_failed` */
async function requireFreeSlug(tx: Tx, { orgId, slug }: { orgId: string; slug: string }): Promise<void> {
  await lockSlugs(tx, { orgId, noun: 'workflow' });
  const taken = await tx.workflow.findFirst({
    where: { orgId, slug, state: { not: 'archived' } },
    select: { id: true },
  });
  if (taken) throw validationError([{ field: 'slug', message: 'Another workflow has this slug. Choose another one.' }]);
}
