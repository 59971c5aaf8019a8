import { changedFields } from '../../../domain/workflow/definition-diff.ts';
import type { Db } from '../../../infra/db/index.ts';
import type { WorkflowVersionModel } from '../../../prisma/generated/models.ts';
import { loadActorNames, parseActor } from '../../context/actor-names.ts';
import { parseDefinition, toVersionView, type VersionView } from './view.ts';

export type ListedVersion = VersionView & {
  /** Null if who created it no longer exists, or is not a member or an API key. */
  createdByName: string | null;
  /** Fields that differ from the version before; empty for the first. */
  changed: string[];
};

/** @param rows newest first, with one more than `limit` if there are more: the last one shown is compared with it. */
export async function toListedVersions(
  db: Db,
  orgId: string,
  rows: readonly WorkflowVersionModel[],
  limit: number,
): Promise<ListedVersion[]> {
  const shown = rows.slice(0, limit);
  const nameOf = await loadActorNames(
    db,
    orgId,
    shown.map(({ createdBy }) => parseActor(createdBy)),
  );
  return shown.map((version, index) => {
    const older = rows[index + 1];
    return {
      ...toVersionView(version),
      createdByName: nameOf(parseActor(version.createdBy)).name,
      changed: older ? changedFields(parseDefinition(older), parseDefinition(version)) : [],
    };
  });
}
