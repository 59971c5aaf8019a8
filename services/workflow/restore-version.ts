import { z } from 'zod';
import { givenId } from '../../domain/values/id.ts';
import { useCase } from '../context/use-case.ts';
import { versionNotFound } from './errors.ts';
import { parseDefinition } from './reading/view.ts';
import { saveNextVersion } from './save.ts';

/**
 * Saves the definition of an earlier version as the next version, which becomes the active one. Without a difference
 * no version is created. `baseVersionId`: the active version that the caller looked at.
 * @throws ArmatureError `version_not_found`, and as `saveWorkflow`: `base_version_stale`, `workflow_not_found`,
 *   `workflow_archived`, `validation_failed`, `mcp_server_not_found`, `auth_profile_not_found`
 */
export const restoreVersion = useCase({
  name: 'workflow.restore_version',
  access: 'editor',
  input: z.object({ workflowId: givenId, versionId: givenId, baseVersionId: givenId }),
  run: (context, { workflowId, versionId, baseVersionId }) =>
    saveNextVersion(context, {
      workflowId,
      baseVersionId,
      audited: { restoredVersionId: versionId },
      async define(tx) {
        const { orgId } = context;
        const row = await tx.workflowVersion.findFirst({ where: { orgId, workflowId, id: versionId } });
        if (!row) throw versionNotFound();
        return parseDefinition(row);
      },
    }),
});
