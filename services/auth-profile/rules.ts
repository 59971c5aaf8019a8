import type { Tx } from '../../infra/db/index.ts';
import { fieldError } from '../context/errors.ts';

/** Requires the server's row lock. @throws ArmatureError `conflict` */
export async function requireFreeName(
  tx: Tx,
  { orgId, serverId, name, id }: { orgId: string; serverId: string; name: string; id?: string },
): Promise<void> {
  const other = await tx.authProfile.findFirst({
    where: { orgId, serverId, archivedAt: null, name, ...(id !== undefined && { id: { not: id } }) },
    select: { id: true },
  });
  if (!other) return;
  throw fieldError(
    'conflict',
    'name',
    `This server already has an auth profile named "${name}".`,
    'Choose another name.',
  );
}

/** Moves the default to this profile. Requires the server's row lock. */
export async function makeDefault(
  tx: Tx,
  { orgId, serverId, id }: { orgId: string; serverId: string; id: string },
): Promise<void> {
  await tx.authProfile.updateMany({ where: { orgId, serverId, isDefault: true }, data: { isDefault: false } });
  await tx.authProfile.updateMany({ where: { orgId, serverId, id }, data: { isDefault: true } });
}
