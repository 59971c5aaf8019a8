import { z } from 'zod';
import { isConfidential } from '../../../domain/oauth/addresses.ts';
import { givenId } from '../../../domain/values/id.ts';
import { toJson, useCase } from '../../context/use-case.ts';
import { lockServer } from '../../server/lock.ts';
import { destroySecrets, withSecrets } from '../../server/secrets.ts';
import { signedOut } from '../change.ts';
import { loadOAuthProfile } from '../oauth/profile.ts';
import { noTokens } from '../oauth/stored.ts';

/**
 * Confirms the authorization server that a server names: one that isn't public, or another one than before. Tokens of
 * the earlier one are dropped, and its client is not used at the new one.
 * @throws ArmatureError `auth_profile_not_found`
 */
export const confirmIssuer = useCase({
  name: 'auth_profile.confirm_issuer',
  access: 'admin',
  input: z.object({
    authProfileId: givenId,
    issuer: z.url().max(2000).refine(isConfidential, 'The authorization server has to have an address with https://.'),
  }),
  async run({ ctx, orgId, secrets, write }, { authProfileId, issuer }): Promise<void> {
    const profile = await loadOAuthProfile(ctx.deps, { orgId, authProfileId });
    const { settings, tokenRef } = profile;
    await withSecrets(ctx.deps, orgId, [() => secrets.put(orgId, noTokens)], ([nextRef = null]) =>
      write(
        async (tx) => {
          await lockServer(tx, { orgId, serverId: profile.server.id });
          await tx.oAuthProfile.updateMany({
            where: { orgId, authProfileId },
            data: { ...signedOut, settings: toJson({ ...settings, issuer }), issuer: null, tokenRef: nextRef },
          });
        },
        { subject: authProfileId, data: { issuer, before: profile.issuer } },
      ),
    );
    await destroySecrets(ctx.deps, orgId, [tokenRef]);
  },
});
