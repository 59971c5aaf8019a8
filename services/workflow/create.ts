import { z } from 'zod';
import type { Warning } from '../../domain/error/error.ts';
import { useCase } from '../context/use-case.ts';
import { definitionInput, withIds } from './definition.ts';
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
  input: z.object({ definition: definitionInput }),
  async run(
    { ctx, orgId, actor, models, write },
    input,
  ): Promise<{ workflow: WorkflowView; version: VersionView; warnings: Warning[] }> {
    const definition = withIds(input.definition);
    const saved = await write(
      async (tx) => {
        const { warnings } = await checkReferences(tx, { orgId, definition, models });
        return { ...(await insertWorkflow(tx, { orgId, actor, definition })), warnings };
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
