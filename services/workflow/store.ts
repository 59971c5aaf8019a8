import { sameJson } from '../../domain/json/json.ts';
import type { WorkflowDefinition } from '../../domain/workflow/definition.ts';
import type { Tx } from '../../infra/db/index.ts';
import { slugChooser } from '../../infra/db/queries/slug.ts';
import { lockWorkflowRow } from '../../infra/db/queries/workflow.ts';
import type { WorkflowModel, WorkflowVersionModel } from '../../prisma/generated/models.ts';
import type { Actor } from '../context/context.ts';
import { newId } from '../context/ids.ts';
import { toJson } from '../context/use-case.ts';
import { workflowNotFound } from './errors.ts';
import { formatActor } from './reading/view.ts';

/**
 * Inserts an active workflow with version 1. The caller has checked its references (references.ts).
 * @param of.slug free, under `lockSlugs`. @default one of the name
 */
export async function insertWorkflow(
  tx: Tx,
  {
    orgId,
    actor,
    definition,
    slug,
    tags = [],
  }: { orgId: string; actor: Actor; definition: WorkflowDefinition; slug?: string; tags?: string[] },
): Promise<{ workflow: WorkflowModel; version: WorkflowVersionModel }> {
  const [id, versionId] = [newId(), newId()];
  const { name, description, serverId } = definition;
  const chosen = slug ?? (await slugChooser(tx, { orgId, noun: 'workflow', names: [name] }))(name);
  const workflow = await tx.workflow.create({
    data: { id, orgId, serverId, slug: chosen, name, tags, description, activeVersionId: versionId },
  });
  const version = await tx.workflowVersion.create({
    data: {
      id: versionId,
      orgId,
      workflowId: id,
      number: 1,
      definition: toJson(definition),
      createdBy: formatActor(actor),
    },
  });
  return { workflow, version };
}

/**
 * Inserts the next version of a locked workflow and makes it the active one. `isTimed`: whether the Schedule has to
 * follow. Null when nothing differs.
 */
export async function insertVersion(
  tx: Tx,
  {
    row,
    actor,
    before,
    definition,
  }: {
    row: Pick<WorkflowModel, 'id' | 'orgId' | 'versionNumber'>;
    actor: Actor;
    /** Of the active version. */
    before: WorkflowDefinition;
    definition: WorkflowDefinition;
  },
): Promise<{ version: WorkflowVersionModel; isTimed: boolean } | null> {
  if (sameJson(toJson(before), toJson(definition))) return null;
  const { id: workflowId, orgId } = row;
  const isTimed = isOfSchedule(before, definition);
  const version = await tx.workflowVersion.create({
    data: {
      id: newId(),
      orgId,
      workflowId,
      number: row.versionNumber + 1,
      definition: toJson(definition),
      createdBy: formatActor(actor),
    },
  });
  await tx.workflow.update({
    where: { orgId_id: { orgId, id: workflowId } },
    data: {
      name: definition.name,
      description: definition.description,
      serverId: definition.serverId,
      activeVersionId: version.id,
      versionNumber: version.number,
      ...(isTimed && { scheduleRevision: { increment: 1 } }),
    },
  });
  return { version, isTimed };
}

/** Whether a changed field is part of the Schedule. */
const isOfSchedule = (before: WorkflowDefinition, after: WorkflowDefinition): boolean =>
  (['schedule', 'timezone', 'name', 'serverId'] as const).some((field) => before[field] !== after[field]);

/** Locks a workflow until the transaction ends. @throws ArmatureError `workflow_not_found` */
export async function lockWorkflow(
  tx: Tx,
  { orgId, workflowId }: { orgId: string; workflowId: string },
): Promise<WorkflowModel> {
  const row = await lockWorkflowRow(tx, { orgId, workflowId });
  if (!row) throw workflowNotFound();
  return row;
}
