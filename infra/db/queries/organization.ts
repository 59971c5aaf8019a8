import type { Db } from '../index.ts';

/**
 * Deletes a part of an organization whose erasure was requested, with the rights of the tables' owner.
 * @returns how many rows it deleted; 0 when nothing is left
 */
export async function eraseOrganizationRows(
  db: Db,
  { orgId, limit }: { orgId: string; limit: number },
): Promise<number> {
  return db.$transaction(
    async (tx) => {
      const [row] = await tx.$queryRaw<{ deleted: number }[]>`
        SELECT armature_erase_organization(${orgId}::uuid, ${limit}::int)::int AS "deleted"`;
      return row?.deleted ?? 0;
    },
    { timeout: 10 * 60_000 },
  );
}
