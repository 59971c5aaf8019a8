import { z } from 'zod';
import { givenId } from '../../../domain/values/id.ts';
import { useCase } from '../../context/use-case.ts';
import { lockServer } from '../../server/lock.ts';
import { destroySecrets, withSecrets } from '../../server/secrets.ts';
import { signedOut } from '../change.ts';
import { loadOAuthProfile } from '../oauth/profile.ts';
import { noTokens } from '../oauth/stored.ts';

/**
 * Forgets the tokens of a profile. Its settings and its client stay.
 * @throws ArmatureError `auth_profile_not_found`
 */
export const signOutProfile = useCase({
  name: 'auth_profile.sign_out',
  access: 'admin',
  input: z.object({ authProfileId: givenId }),
  async run({ ctx, orgId, secrets, write }, { authProfileId }): Promise<void> {
    const { server, tokenRef } = await loadOAuthProfile(ctx.deps, { orgId, authProfileId });
    await withSecrets(ctx.deps, orgId, [() => secrets.put(orgId, noTokens)], ([nextRef = null]) =>
      write(
        async (tx) => {
          await lockServer(tx, { orgId, serverId: server.id });
          await tx.oAuthProfile.updateMany({
            where: { orgId, authProfileId },
            data: { ...signedOut, tokenRef: nextRef },
          });
        },
        { subject: authProfileId, data: { serverId: server.id } },
      ),
    );
    await destroySecrets(ctx.deps, orgId, [tokenRef]);
  },
});
