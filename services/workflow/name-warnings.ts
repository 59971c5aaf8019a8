import type { Warning } from '../../domain/error/error.ts';
import type { Db, Tx } from '../../infra/db/index.ts';

/** A warning if a workflow of this name exists, which a new one is easily mistaken for. */
export async function nameWarnings(db: Db | Tx, { orgId, name }: { orgId: string; name: string }): Promise<Warning[]> {
  const same = await db.workflow.findFirst({
    where: { orgId, name, state: { not: 'archived' } },
    orderBy: [{ createdAt: 'asc' }, { id: 'asc' }],
    select: { id: true },
  });
  if (!same) return [];
  return [
    {
      code: 'workflow_name_taken',
      message: `Another workflow has this name (${same.id}). Choose a name that tells the two apart, or change that one instead.`,
      field: 'name',
    },
  ];
}
