import { z } from 'zod';
import { givenId } from '../../domain/values/id.ts';
import { newId } from '../context/ids.ts';
import { useCase } from '../context/use-case.ts';
import { lockServer } from '../server/lock.ts';
import { authInput, profileName } from '../server/schema.ts';
import { withSecrets } from '../server/secrets.ts';
import { createProfileIn, listProfileSecrets } from './row.ts';
import { makeDefault, requireFreeName } from './rules.ts';

/**
 * Adds an auth profile to a server. With `isDefault` it replaces the default one.
 * @throws ArmatureError `mcp_server_not_found`, `mcp_server_archived`, `conflict` (name taken)
 */
export const createAuthProfile = useCase({
  name: 'auth_profile.create',
  access: 'admin',
  input: z.object({ serverId: givenId, name: profileName, auth: authInput, isDefault: z.boolean().default(false) }),
  async run({ ctx, orgId, secrets, write }, { serverId, name, auth, isDefault }): Promise<{ authProfileId: string }> {
    const id = newId();
    await withSecrets(ctx.deps, orgId, listProfileSecrets(secrets, orgId, auth), (refs) =>
      write(
        async (tx) => {
          await lockServer(tx, { orgId, serverId });
          await requireFreeName(tx, { orgId, serverId, name });
          await createProfileIn(tx, { row: { id, orgId, serverId, name }, auth, refs });
          if (isDefault) await makeDefault(tx, { orgId, serverId, id });
        },
        { subject: id, data: { serverId, name, kind: auth.kind, isDefault } },
      ),
    );
    return { authProfileId: id };
  },
});
