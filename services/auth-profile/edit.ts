import { z } from 'zod';
import { ArmatureError } from '../../domain/error/error.ts';
import { givenId } from '../../domain/values/id.ts';
import type { EndpointAuth } from '../../infra/mcp-target/index.ts';
import { validationError } from '../context/errors.ts';
import { useCase } from '../context/use-case.ts';
import { profileNotFound, serverArchived } from '../server/errors.ts';
import { lockServer } from '../server/lock.ts';
import { authEdit, profileName } from '../server/schema.ts';
import { destroySecrets, putCredential, withSecrets } from '../server/secrets.ts';
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
        archivedAt: true,
        server: { select: { archivedAt: true } },
      },
    });
    if (!before) throw profileNotFound();
    if (before.server.archivedAt) throw serverArchived();
    if (before.archivedAt) throw profileNotFound();
    const { serverId } = before;
    const entered = auth && readCredential(auth);
    if (auth && !entered && auth.kind !== before.kind) throw credentialMissing(auth.kind);

    const put = entered ? [() => putCredential(secrets, orgId, entered)] : [];
    await withSecrets(ctx.deps, orgId, put, ([secretRef = null]) =>
      write(
        async (tx) => {
          await lockServer(tx, { orgId, serverId });
          if (name !== undefined) await requireFreeName(tx, { orgId, serverId, name, id });
          const { count } = await tx.authProfile.updateMany({
            where: { orgId, id, archivedAt: null, kind: before.kind, secretRef: before.secretRef },
            data: {
              ...(name !== undefined && { name }),
              ...(auth && { kind: auth.kind, header: auth.kind === 'api_key_header' ? auth.header : null }),
              ...(entered && { secretRef }),
            },
          });
          if (count === 0)
            throw new ArmatureError(
              'conflict',
              'Somebody else changed this auth profile in the meantime.',
              'Open the server again and repeat your change.',
            );
          if (isDefault) await makeDefault(tx, { orgId, serverId, id });
        },
        {
          subject: id,
          data: { serverId, name, kind: auth?.kind, credentialChanged: entered !== undefined, isDefault },
        },
      ),
    );
    if (entered) await destroySecrets(ctx.deps, orgId, [before.secretRef]);
  },
});

/** Returns the credential, or undefined if none was entered. */
function readCredential(auth: z.output<typeof authEdit>): EndpointAuth | undefined {
  if (auth.kind === 'none') return auth;
  if (auth.kind === 'bearer') return auth.token ? { kind: 'bearer', token: auth.token } : undefined;
  return auth.value ? { kind: 'api_key_header', header: auth.header, value: auth.value } : undefined;
}

const credentialMissing = (kind: string) =>
  validationError([
    {
      field: kind === 'bearer' ? 'auth.token' : 'auth.value',
      message: 'Enter the credential. None of this kind is stored.',
    },
  ]);
