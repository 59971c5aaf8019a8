import { oneOf } from '../../../domain/values/closed-set.ts';
import { type WorkflowDefinition, workflowDefinition, workflowStates } from '../../../domain/workflow/definition.ts';
import type { WorkflowModel, WorkflowVersionModel } from '../../../prisma/generated/models.ts';
import type { Actor } from '../../context/context.ts';

/** A workflow without its definition. Times are ISO 8601. */
export const toWorkflowView = (row: WorkflowModel) => ({
  id: row.id,
  slug: row.slug,
  name: row.name,
  tags: row.tags,
  description: row.description,
  serverId: row.serverId,
  state: oneOf(workflowStates, row.state),
  activeVersionId: row.activeVersionId,
  versionNumber: row.versionNumber,
  /** False while its Schedule in Temporal still has to follow a change. */
  scheduleSynced: row.scheduleSyncedRevision >= row.scheduleRevision,
  /** True when an operator paused its Schedule in Temporal. */
  schedulePausedByOperator: row.schedulePausedByOperator,
  createdAt: row.createdAt.toISOString(),
  updatedAt: row.updatedAt.toISOString(),
});
export type WorkflowView = ReturnType<typeof toWorkflowView>;

export type VersionView = {
  id: string;
  number: number;
  createdAt: string;
  /** `<kind>:<id>` of who saved it, as in the audit log. */
  createdBy: string;
};
export const toVersionView = ({
  id,
  number,
  createdAt,
  createdBy,
}: Pick<WorkflowVersionModel, 'id' | 'number' | 'createdAt' | 'createdBy'>): VersionView => ({
  id,
  number,
  createdAt: createdAt.toISOString(),
  createdBy,
});

export const parseDefinition = ({ definition }: { definition: unknown }): WorkflowDefinition =>
  workflowDefinition.parse(definition);

export const formatActor = ({ kind, id }: Actor): string => `${kind}:${id}`;
