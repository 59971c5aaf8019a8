import { z } from 'zod';
import { ArmatureError } from '../../domain/error/error.ts';
import { givenId } from '../../domain/values/id.ts';
import { useCase } from '../context/use-case.ts';
import { profileNotFound, serverArchived } from '../server/errors.ts';
import { lockServer } from '../server/lock.ts';
import { authEdit, profileName } from '../server/schema.ts';
import { destroySecrets, withSecrets } from '../server/secrets.ts';
import { planChange } from './change.ts';
import { makeDefault, requireFreeName } from './rules.ts';

/**
 * Changes the given fields of an auth profile. A credential of the same kind stays if it isn't entered again. To make a
 * profile no longer the default, make another one the default.
 * @throws ArmatureError `auth_profile_not_found`, `mcp_server_archived`, `validation_failed`, `conflict`
 */
export const editAuthProfile = useCase({
  name: 'auth_profile.edit',
  access: 'admin',
  input: z.object({
    authProfileId: givenId,
    name: profileName.optional(),
    auth: authEdit.optional(),
    isDefault: z.literal(true).optional(),
  }),
  async run({ ctx, orgId, db, secrets, write }, { authProfileId: id, name, auth, isDefault }): Promise<void> {
    const before = await db.authProfile.findFirst({
      where: { orgId, id },
      select: {
        serverId: true,
        kind: true,
        secretRef: true,
        oauth: true,
        archivedAt: true,
        server: { select: { archivedAt: true } },
      },
    });
    if (!before) throw profileNotFound();
    if (before.server.archivedAt) throw serverArchived();
    if (before.archivedAt) throw profileNotFound();
    const { serverId } = before;
    const change = auth && planChange(secrets, orgId, before, auth);
    await withSecrets(ctx.deps, orgId, change?.put ?? [], (refs) =>
      write(
        async (tx) => {
          await lockServer(tx, { orgId, serverId });
          if (name !== undefined) await requireFreeName(tx, { orgId, serverId, name, id });
          const { count } = await tx.authProfile.updateMany({
            where: { orgId, id, archivedAt: null, kind: before.kind, secretRef: before.secretRef },
            // Also without a name: the row is locked and compared.
            data: name === undefined ? { kind: before.kind } : { name },
          });
          if (count === 0)
            throw new ArmatureError(
              'conflict',
              'Somebody else changed this auth profile in the meantime.',
              'Open the server again and repeat your change.',
            );
          await change?.applyIn(tx, { orgId, id }, refs);
          if (isDefault) await makeDefault(tx, { orgId, serverId, id });
        },
        {
          subject: id,
          data: { serverId, name, kind: auth?.kind, credentialChanged: change?.isNew ?? false, isDefault },
        },
      ),
    );
    await destroySecrets(ctx.deps, orgId, change?.obsolete ?? []);
  },
});
