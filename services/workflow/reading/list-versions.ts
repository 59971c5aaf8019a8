import { z } from 'zod';
import { givenId } from '../../../domain/values/id.ts';
import { validationError } from '../../context/errors.ts';
import { useCase } from '../../context/use-case.ts';
import { workflowNotFound } from '../errors.ts';
import { type ListedVersion, toListedVersions } from './versions.ts';

/**
 * The versions of a workflow, newest first, by keyset.
 * @throws ArmatureError `workflow_not_found`, `validation_failed` (the cursor)
 */
export const listVersions = useCase({
  name: 'workflow.list_versions',
  access: 'viewer',
  input: z.object({
    workflowId: givenId,
    cursor: z.string().max(100).optional(),
    limit: z.int().min(1).max(200).default(50),
  }),
  async run(
    { db, orgId },
    { workflowId, cursor, limit },
  ): Promise<{ activeVersionId: string; versions: ListedVersion[]; nextCursor: string | null }> {
    const before = readNumber(cursor);
    const workflow = await db.workflow.findFirst({
      where: { orgId, id: workflowId },
      select: { activeVersionId: true },
    });
    if (!workflow) throw workflowNotFound();
    // One more than is shown: the last one shown is compared with it.
    const rows = await db.workflowVersion.findMany({
      where: { orgId, workflowId, ...(before !== null && { number: { lt: before } }) },
      orderBy: { number: 'desc' },
      take: limit + 1,
    });
    const last = rows.slice(0, limit).at(-1);
    return {
      activeVersionId: workflow.activeVersionId,
      versions: await toListedVersions(db, orgId, rows, limit),
      nextCursor: rows.length > limit && last ? `version-${last.number}` : null,
    };
  },
});

/** @throws ArmatureError `validation_failed` */
function readNumber(cursor: string | undefined): number | null {
  if (cursor === undefined) return null;
  const [, digits] = /^version-(\d{1,9})$/.exec(cursor) ?? [];
  if (digits !== undefined) return Number(digits);
  throw validationError(
    [{ field: 'cursor', message: 'Invalid cursor for this list.' }],
    'Start again without a cursor.',
  );
}
