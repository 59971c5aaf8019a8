import { z } from 'zod';
import { givenId } from '../../../domain/values/id.ts';
import type { WorkflowDefinition } from '../../../domain/workflow/definition.ts';
import { definitionDiff, type FieldDiff } from '../../../domain/workflow/definition-diff.ts';
import { useCase } from '../../context/use-case.ts';
import { versionNotFound } from '../errors.ts';
import { parseDefinition, toVersionView, type VersionView } from './view.ts';

/**
 * One version of a workflow, with its differences from the version before, or from `compareWith`.
 * @throws ArmatureError `version_not_found`
 */
export const getWorkflowVersion = useCase({
  name: 'workflow.get_version',
  access: 'viewer',
  input: z.object({ workflowId: givenId, versionId: givenId, compareWith: givenId.optional() }),
  async run(
    { db, orgId },
    { workflowId, versionId, compareWith },
  ): Promise<{
    version: VersionView;
    definition: WorkflowDefinition;
    /** Null for the first version. */
    previous: VersionView | null;
    changes: FieldDiff[];
  }> {
    const row = await db.workflowVersion.findFirst({ where: { orgId, workflowId, id: versionId } });
    if (!row) throw versionNotFound();
    const other = await db.workflowVersion.findFirst({
      where: { orgId, workflowId, ...(compareWith === undefined ? { number: row.number - 1 } : { id: compareWith }) },
    });
    if (!other && compareWith !== undefined) throw versionNotFound();
    const definition = parseDefinition(row);
    return {
      version: toVersionView(row),
      definition,
      previous: other && toVersionView(other),
      changes: other ? definitionDiff(parseDefinition(other), definition) : [],
    };
  },
});
