import { z } from 'zod';
import { givenId } from '../../../domain/values/id.ts';
import { workflowStates } from '../../../domain/workflow/definition.ts';
import { fieldDiff } from '../../../domain/workflow/definition-diff.ts';
import { draftAdaptation } from '../../../services/proposal/draft/adaptation.ts';
import { archiveWorkflow } from '../../../services/workflow/archive.ts';
import { createWorkflow } from '../../../services/workflow/create.ts';
import { definitionInput, definitionPatch } from '../../../services/workflow/definition.ts';
import { checkDraft, checkedDraft } from '../../../services/workflow/editing/check-draft.ts';
import { getResultPaths, resultPaths } from '../../../services/workflow/editing/result-paths.ts';
import { pauseWorkflow } from '../../../services/workflow/pause.ts';
import { getWorkflow } from '../../../services/workflow/reading/get.ts';
import { getWorkflowVersion } from '../../../services/workflow/reading/get-version.ts';
import { listWorkflows } from '../../../services/workflow/reading/list.ts';
import { listVersions } from '../../../services/workflow/reading/list-versions.ts';
import { workflowRow } from '../../../services/workflow/reading/rows.ts';
import { getWorkflowStatistics, workflowStatistics } from '../../../services/workflow/reading/statistics.ts';
import { getWorkflowToolChanges, workflowToolChanges } from '../../../services/workflow/reading/tool-changes.ts';
import { restoreVersion } from '../../../services/workflow/restore-version.ts';
import { resumeWorkflow } from '../../../services/workflow/resume.ts';
import { saveWorkflow } from '../../../services/workflow/save.ts';
import { tagWorkflow } from '../../../services/workflow/tag.ts';
import { unarchiveWorkflow } from '../../../services/workflow/unarchive.ts';
import { defineRoute, pageOf, paging } from '../route.ts';
import { definition, stagedProposal, time, warnings } from '../schemas.ts';

const row = workflowRow.meta({ id: 'WorkflowRow' });
const version = z
  .object({
    id: z.uuid(),
    number: z.int(),
    createdAt: time,
    createdBy: z.string().describe('`<kind>:<id>`, as in the audit log.'),
  })
  .meta({ id: 'WorkflowVersion' });
const workflow = z
  .object({
    id: z.uuid(),
    slug: z.string().describe('What files and commands call it.'),
    name: z.string(),
    tags: z.array(z.string()),
    description: z.string(),
    serverId: z.uuid(),
    state: z.enum(workflowStates),
    activeVersionId: z.uuid(),
    versionNumber: z.int(),
    scheduleSynced: z.boolean().describe('False while its Schedule in Temporal still has to follow a change.'),
    schedulePausedByOperator: z.boolean(),
    createdAt: time,
    updatedAt: time,
  })
  .meta({ id: 'Workflow' });
const changed = z.object({ workflow, warnings });
const saved = z.object({ currentVersion: version, changed: z.boolean(), warnings });

const ref = z.object({ workflowId: givenId });

export const workflowRoutes = [
  defineRoute({
    method: 'GET',
    path: '/workflows',
    summary: 'Lists workflows, newest first',
    useCase: listWorkflows,
    input: listWorkflows.useCase.input.extend(paging),
    output: pageOf(row),
    async run(ctx, filters) {
      const { workflows, nextCursor } = await listWorkflows(ctx, filters);
      return { rows: workflows, nextCursor };
    },
  }),
  defineRoute({
    method: 'POST',
    path: '/workflows',
    summary: 'Creates a workflow',
    status: 201,
    useCase: createWorkflow,
    input: definitionInput.extend({
      slug: createWorkflow.useCase.input.shape.slug,
      tags: createWorkflow.useCase.input.shape.tags,
    }),
    output: z.object({ workflow, currentVersion: version, warnings }),
    async run(ctx, { slug, tags, ...given }) {
      const made = await createWorkflow(ctx, { definition: given, slug, tags });
      return { workflow: made.workflow, currentVersion: made.version, warnings: made.warnings };
    },
  }),
  defineRoute({
    method: 'GET',
    path: '/workflows/{workflowId}',
    summary: 'Returns a workflow with its definition',
    useCase: getWorkflow,
    input: ref,
    output: z.object({
      workflow,
      definition,
      currentVersion: version,
      scheduleLabel: z.string(),
      nextFireTimes: z.array(time),
      warnings,
    }),
    async run(ctx, given) {
      const { version: currentVersion, ...page } = await getWorkflow(ctx, given);
      return { ...page, currentVersion };
    },
  }),
  defineRoute({
    method: 'PATCH',
    path: '/workflows/{workflowId}',
    summary: 'Saves changes as the next version',
    description: 'Members that are left out stay as they are. Without a difference no version is made.',
    useCase: saveWorkflow,
    input: definitionPatch.extend({
      ...ref.shape,
      baseVersionId: givenId.describe('The version that the changes start from.'),
    }),
    output: saved,
    async run(ctx, { workflowId, baseVersionId, ...changes }) {
      const { version: currentVersion, ...rest } = await saveWorkflow(ctx, { workflowId, baseVersionId, changes });
      return { currentVersion, ...rest };
    },
  }),
  defineRoute({
    method: 'GET',
    path: '/workflows/{workflowId}/statistics',
    operation: 'getWorkflowStatistics',
    summary: 'Returns how the runs of a workflow went, by day, model and criterion',
    useCase: getWorkflowStatistics,
    input: getWorkflowStatistics.useCase.input,
    output: workflowStatistics,
    run: (ctx, given) => getWorkflowStatistics(ctx, given),
  }),
  defineRoute({
    method: 'GET',
    path: '/workflows/{workflowId}/tool-changes',
    operation: 'getWorkflowToolChanges',
    summary: "Returns breaking changes of the server's tools that hit a workflow and are not accepted",
    useCase: getWorkflowToolChanges,
    input: ref,
    output: workflowToolChanges,
    run: (ctx, given) => getWorkflowToolChanges(ctx, given),
  }),
  defineRoute({
    method: 'POST',
    path: '/workflows/{workflowId}/adaptations',
    operation: 'draftWorkflowAdaptation',
    summary: 'Proposes the change that adapts a workflow to those changes',
    status: 201,
    useCase: draftAdaptation,
    input: ref,
    output: stagedProposal,
    run: (ctx, given) => draftAdaptation(ctx, given),
  }),
  defineRoute({
    method: 'POST',
    path: '/workflows/check',
    operation: 'checkWorkflowDraft',
    summary: 'Checks a workflow that is being written; nothing is saved and no model is called',
    useCase: checkDraft,
    input: checkDraft.useCase.input,
    output: checkedDraft,
    run: (ctx, given) => checkDraft(ctx, given),
  }),
  defineRoute({
    method: 'GET',
    path: '/workflows/{workflowId}/result-paths',
    operation: 'getWorkflowResultPaths',
    summary: 'Returns paths of the values that tools returned in the latest run',
    useCase: getResultPaths,
    input: ref,
    output: resultPaths,
    run: (ctx, given) => getResultPaths(ctx, given),
  }),
  defineRoute({
    method: 'GET',
    path: '/workflows/{workflowId}/versions',
    summary: 'Lists the versions of a workflow, newest first',
    useCase: listVersions,
    input: listVersions.useCase.input.extend(paging),
    output: pageOf(
      version
        .extend({
          createdByName: z.string().nullable(),
          changed: z.array(z.string()).describe('Fields that differ from the version before.'),
        })
        .meta({ id: 'WorkflowVersionRow' }),
    ),
    async run(ctx, given) {
      const { versions, nextCursor } = await listVersions(ctx, given);
      return { rows: versions, nextCursor };
    },
  }),
  defineRoute({
    method: 'POST',
    path: '/workflows/{workflowId}/versions/{versionId}/restore',
    summary: 'Saves the definition of an earlier version as the next version',
    useCase: restoreVersion,
    input: restoreVersion.useCase.input,
    output: saved,
    async run(ctx, given) {
      const { version: currentVersion, ...rest } = await restoreVersion(ctx, given);
      return { currentVersion, ...rest };
    },
  }),
  defineRoute({
    method: 'GET',
    path: '/workflows/{workflowId}/versions/{versionId}',
    summary: 'Returns a version of a workflow, with what it changed',
    useCase: getWorkflowVersion,
    input: getWorkflowVersion.useCase.input,
    output: z.object({ version, definition, previous: version.nullable(), changes: z.array(fieldDiff) }),
    run: (ctx, given) => getWorkflowVersion(ctx, given),
  }),
  defineRoute({
    method: 'POST',
    path: '/workflows/{workflowId}/tags',
    summary: 'Sets the tags of a workflow; no version is made',
    useCase: tagWorkflow,
    input: tagWorkflow.useCase.input,
    output: z.object({ workflow }),
    run: (ctx, given) => tagWorkflow(ctx, given),
  }),
  defineRoute({
    method: 'DELETE',
    path: '/workflows/{workflowId}',
    summary: 'Archives a workflow; its history stays',
    useCase: archiveWorkflow,
    input: ref,
    output: z.object({ ok: z.literal(true) }),
    async run(ctx, given) {
      await archiveWorkflow(ctx, given);
      return { ok: true as const };
    },
  }),
  defineRoute({
    method: 'POST',
    path: '/workflows/{workflowId}/unarchive',
    summary: 'Restores an archived workflow',
    useCase: unarchiveWorkflow,
    input: unarchiveWorkflow.useCase.input,
    output: changed,
    run: (ctx, given) => unarchiveWorkflow(ctx, given),
  }),
  defineRoute({
    method: 'POST',
    path: '/workflows/{workflowId}/pause',
    summary: 'Stops the scheduled runs of a workflow',
    useCase: pauseWorkflow,
    input: ref,
    output: changed,
    run: (ctx, given) => pauseWorkflow(ctx, given),
  }),
  defineRoute({
    method: 'POST',
    path: '/workflows/{workflowId}/resume',
    summary: 'Starts the scheduled runs of a paused workflow again',
    useCase: resumeWorkflow,
    input: ref,
    output: changed,
    run: (ctx, given) => resumeWorkflow(ctx, given),
  }),
];
