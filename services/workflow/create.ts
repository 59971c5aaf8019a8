import { z } from 'zod';
import type { Warning } from '../../domain/error.ts';
import { newId } from '../id.ts';
import { toJson, useCase } from '../use-case.ts';
import { definitionInput, withIds } from './definition.ts';
import { checkReferences } from './references.ts';
import { followSchedule } from './sync-schedule.ts';
import { signature, type VersionView, versionView, type WorkflowView, workflowView } from './view.ts';

/**
 * A new workflow, active, with version 1. A definition that can't run yet is saved with warnings.
 * @throws ArmatureError `validation_failed`, `mcp_server_not_found`, `auth_profile_not_found`
 */
export const createWorkflow = useCase({
  name: 'workflow.create',
  access: 'editor',
  input: z.object({ definition: definitionInput }),
  async run(
    { ctx, orgId, actor, models, write },
    input,
  ): Promise<{ workflow: WorkflowView; version: VersionView; warnings: Warning[] }> {
    const definition = withIds(input.definition);
    const { name, description, serverId } = definition;
    const id = newId();
    const saved = await write(
      async (tx) => {
        const { warnings } = await checkReferences(tx, { orgId, definition, models });
        const versionId = newId();
        const workflow = await tx.workflow.create({
          data: { id, orgId, serverId, name, description, activeVersionId: versionId },
        });
        const version = await tx.workflowVersion.create({
          data: {
            id: versionId,
            orgId,
            workflowId: id,
            number: 1,
            definition: toJson(definition),
            createdBy: signature(actor),
          },
        });
        return { workflow, version, warnings };
      },
      ({ version }) => ({ subject: id, data: { name, serverId, versionId: version.id } }),
    );
    const late = await followSchedule(ctx.deps, { orgId, workflowId: id });
    return {
      workflow: { ...workflowView(saved.workflow), scheduleSynced: late.length === 0 },
      version: versionView(saved.version),
      warnings: [...saved.warnings, ...late],
    };
  },
});
