import { z } from 'zod';
import { ArmatureError } from '../../domain/error/error.ts';
import { givenId } from '../../domain/values/id.ts';
import { findWorkflowsOfProfile } from '../../infra/db/queries/workflow.ts';
import { useCase } from '../context/use-case.ts';
import { profileNotFound } from '../server/errors.ts';
import { lockServer } from '../server/lock.ts';
import { destroySecrets } from '../server/secrets.ts';
import { listRefs, noRefs } from './oauth/stored.ts';

/**
 * Archives an auth profile and destroys its credential. Runs of the returned workflows and checks of the returned
 * monitors, which use it, end in `error` until they use another profile.
 * @throws ArmatureError `auth_profile_not_found`, `mcp_server_archived`, `conflict` (it is the default)
 */
export const archiveAuthProfile = useCase({
  name: 'auth_profile.archive',
  access: 'admin',
  input: z.object({ authProfileId: givenId }),
  async run(
    { ctx, orgId, db, write, now },
    { authProfileId: id },
  ): Promise<{ workflows: { id: string; name: string }[]; monitors: { id: string; name: string }[] }> {
    const profile = await db.authProfile.findFirst({
      where: { orgId, id, archivedAt: null },
      select: { serverId: true },
    });
    if (!profile) throw profileNotFound();
    const { serverId } = profile;
    const { secretRef, oauth } = await write(
      async (tx) => {
        await lockServer(tx, { orgId, serverId });
        const row = await tx.authProfile.findFirst({
          where: { orgId, id, archivedAt: null },
          include: { oauth: true },
        });
        if (!row) throw profileNotFound();
        if (row.isDefault)
          throw new ArmatureError(
            'conflict',
            'This is the default auth profile of the server, which must have one.',
            'Make another profile the default first.',
          );
        await tx.authProfile.updateMany({ where: { orgId, id }, data: { archivedAt: now() } });
        return row;
      },
      ({ name }) => ({ subject: id, data: { serverId, name } }),
    );
    if (await destroySecrets(ctx.deps, orgId, [secretRef, ...listRefs(oauth)])) {
      await db.authProfile.updateMany({ where: { orgId, id }, data: { secretRef: null } });
      await db.oAuthProfile.updateMany({ where: { orgId, authProfileId: id }, data: noRefs });
    }
    const workflows = await findWorkflowsOfProfile(db, { orgId, serverId, authProfileId: id });
    const monitors = await db.monitor.findMany({
      where: { orgId, serverId, authProfileId: id, archivedAt: null },
      orderBy: { name: 'asc' },
      select: { id: true, name: true },
    });
    return { workflows, monitors };
  },
});
