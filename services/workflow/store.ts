import { sameJson } from '../../domain/json/json.ts';
import type { WorkflowDefinition } from '../../domain/workflow/definition.ts';
import type { Tx } from '../../infra/db/index.ts';
import type { WorkflowModel, WorkflowVersionModel } from '../../prisma/generated/models.ts';
import type { Actor } from '../context/context.ts';
import { newId } from '../context/ids.ts';
import { toJson } from '../context/use-case.ts';
import { formatActor } from './view.ts';

/** Writes a new workflow, active, with version 1. References are checked before (references.ts). */
export async function insertWorkflow(
  tx: Tx,
  { orgId, actor, definition }: { orgId: string; actor: Actor; definition: WorkflowDefinition },
): Promise<{ workflow: WorkflowModel; version: WorkflowVersionModel }> {
  const [id, versionId] = [newId(), newId()];
  const { name, description, serverId } = definition;
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
      createdBy: formatActor(actor),
    },
  });
  return { workflow, version };
}

/**
 * Writes the next version of a workflow whose row is locked, which becomes the active one. `isTimed`: whether its
 * Schedule has to follow. Null where nothing differs.
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

/** Whether the Schedule holds any of what changed. */
const isOfSchedule = (before: WorkflowDefinition, after: WorkflowDefinition): boolean =>
  (['schedule', 'timezone', 'name', 'serverId'] as const).some((field) => before[field] !== after[field]);
