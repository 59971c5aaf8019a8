import { z } from 'zod';
import type { Warning } from '../../domain/error/error.ts';
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
  input: z.object({ definition: definitionInput }),
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
        return { ...(await insertWorkflow(tx, { orgId, actor, definition })), warnings: [...sameName, ...warnings] };
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
