import { z } from 'zod';
import { ArmatureError, type Warning } from '../../domain/error/error.ts';
import { changedFields } from '../../domain/workflow/definition-diff.ts';
import { useCase } from '../context/use-case.ts';
import { applyChanges, definitionChanges } from './definition.ts';
import { lockWorkflow } from './lock.ts';
import { checkReferences, workflowArchived } from './references.ts';
import { insertVersion } from './store.ts';
import { followSchedule } from './sync-schedule.ts';
import { definitionOf, type VersionView, versionView } from './view.ts';

/**
 * Saves changes as the next version, which becomes the active one; saving what is there already makes none. Names the version that
 * it started from, so that of two people who edit at once neither loses anything.
 * @throws ArmatureError `base_version_stale` (`currentVersionId`, `currentVersionNumber`), `version_not_found`,
 *   `validation_failed`, `workflow_not_found`, `workflow_archived`, `mcp_server_not_found`, `auth_profile_not_found`
 */
export const saveWorkflow = useCase({
  name: 'workflow.save',
  access: 'editor',
  input: z.object({ workflowId: z.uuid(), baseVersionId: z.uuid(), changes: definitionChanges }),
  async run(
    { ctx, orgId, actor, models, write },
    { workflowId, baseVersionId, changes },
  ): Promise<{ version: VersionView; changed: boolean; warnings: Warning[] }> {
    const saved = await write(
      async (tx) => {
        const row = await lockWorkflow(tx, { orgId, workflowId });
        if (row.state === 'archived') throw workflowArchived();
        const base = await tx.workflowVersion.findFirst({ where: { orgId, workflowId, id: baseVersionId } });
        if (!base) throw versionNotFound();
        if (row.activeVersionId !== baseVersionId) throw baseVersionStale(row.activeVersionId, row.versionNumber);
        const before = definitionOf(base);
        const definition = applyChanges(before, changes);
        const { warnings } = await checkReferences(tx, { orgId, definition, models });
        const made = await insertVersion(tx, { row, actor, before, definition });
        if (!made) return { version: base, fields: [], isTimed: false, warnings };
        return { ...made, fields: changedFields(before, definition), warnings };
      },
      ({ version, fields }) =>
        fields.length
          ? { subject: workflowId, data: { versionId: version.id, number: version.number, baseVersionId, fields } }
          : null,
    );
    const late = saved.isTimed ? await followSchedule(ctx.deps, { orgId, workflowId }) : [];
    return {
      version: versionView(saved.version),
      changed: saved.fields.length > 0,
      warnings: [...saved.warnings, ...late],
    };
  },
});

export const versionNotFound = (): ArmatureError =>
  new ArmatureError(
    'version_not_found',
    'This workflow has no such version.',
    'Open the history of the workflow to find the right one.',
  );

export const baseVersionStale = (currentVersionId: string, currentVersionNumber: number): ArmatureError =>
  new ArmatureError(
    'base_version_stale',
    `The workflow moved on to version ${currentVersionNumber} since you began.`,
    'Look at the current version, and save your changes on top of it.',
    { currentVersionId, currentVersionNumber },
  );
