import { z } from 'zod';
import type { Warning } from '../../domain/error/error.ts';
import { givenId } from '../../domain/values/id.ts';
import type { WorkflowDefinition } from '../../domain/workflow/definition.ts';
import { changedFields } from '../../domain/workflow/definition-diff.ts';
import type { Tx } from '../../infra/db/index.ts';
import { type UseCaseContext, useCase } from '../context/use-case.ts';
import { loadModels } from '../model/load.ts';
import { applyChanges, definitionChanges } from './definition.ts';
import { baseVersionStale, versionNotFound, workflowArchived } from './errors.ts';
import { parseDefinition, toVersionView, type VersionView } from './reading/view.ts';
import { checkReferences } from './references.ts';
import { insertVersion, lockWorkflow } from './store.ts';
import { syncScheduleOrWarn } from './sync-schedule.ts';

export type SavedVersion = { version: VersionView; changed: boolean; warnings: Warning[] };

/**
 * Saves changes as the next version, which becomes the active one. Without a difference no version is created. The
 * caller names the version that it started from, so that concurrent edits don't overwrite each other.
 * @throws ArmatureError `base_version_stale` (`currentVersionId`, `currentVersionNumber`), `version_not_found`,
 *   `validation_failed`, `workflow_not_found`, `workflow_archived`, `mcp_server_not_found`, `auth_profile_not_found`
 */
export const saveWorkflow = useCase({
  name: 'workflow.save',
  access: 'editor',
  input: z.object({ workflowId: givenId, baseVersionId: givenId, changes: definitionChanges }),
  run: (context, { changes, ...of }) =>
    saveNextVersion(context, { ...of, define: async (_, before) => applyChanges(before, changes) }),
});

/**
 * Saves what `define` makes of the base version's definition as the next version.
 * @param of.audited what the audit log says in addition
 * @throws ArmatureError as `saveWorkflow`
 */
export async function saveNextVersion(
  { ctx, orgId, actor, write }: UseCaseContext,
  of: {
    workflowId: string;
    baseVersionId: string;
    define(tx: Tx, before: WorkflowDefinition): Promise<WorkflowDefinition>;
    audited?: { [key: string]: unknown };
  },
): Promise<SavedVersion> {
  const { workflowId, baseVersionId, define, audited } = of;
  const models = await loadModels(ctx.deps, orgId);
  const saved = await write(
    async (tx) => {
      const row = await lockWorkflow(tx, { orgId, workflowId });
      if (row.state === 'archived') throw workflowArchived();
      const base = await tx.workflowVersion.findFirst({ where: { orgId, workflowId, id: baseVersionId } });
      if (!base) throw versionNotFound();
      if (row.activeVersionId !== baseVersionId) throw baseVersionStale(row.activeVersionId, row.versionNumber);
      const before = parseDefinition(base);
      const definition = await define(tx, before);
      const { warnings } = await checkReferences(tx, { orgId, definition, models });
      const made = await insertVersion(tx, { row, actor, before, definition });
      if (!made) return { version: base, fields: [], isTimed: false, warnings };
      return { ...made, fields: changedFields(before, definition), warnings };
    },
    ({ version, fields }) =>
      fields.length
        ? {
            subject: workflowId,
            data: { versionId: version.id, number: version.number, baseVersionId, fields, ...audited },
          }
        : null,
  );
  const late = saved.isTimed ? await syncScheduleOrWarn(ctx.deps, { orgId, workflowId }) : [];
  return {
    version: toVersionView(saved.version),
    changed: saved.fields.length > 0,
    warnings: [...saved.warnings, ...late],
  };
}
