import { z } from 'zod';
import { ArmatureError } from '../../domain/error/error.ts';
import { atLeast } from '../../domain/role/role.ts';
import { useCase } from '../context/use-case.ts';

/**
 * Revokes an API key by deleting its row, so every api process refuses the next request with it. Members can revoke
 * their own keys, admins any key.
 * @throws ArmatureError `api_key_not_found`, `permission_denied`
 */
export const revokeApiKey = useCase({
  name: 'api_key.revoke',
  access: 'viewer',
  input: z.object({ keyId: z.string().min(1).max(100) }),
  async run({ actor, orgId, write }, { keyId }): Promise<{ id: string; name: string }> {
    return write(
      async (tx) => {
        const key = await tx.apiKey.findFirst({ where: { orgId, id: keyId }, omit: { hash: true } });
        if (!key) throw keyNotFound();
        const isOwn = actor.kind === 'member' && actor.id === key.createdById;
        const mayRevokeAny = actor.kind === 'system' || (actor.kind !== 'visitor' && atLeast(actor.role, 'admin'));
        if (!isOwn && !mayRevokeAny)
          throw new ArmatureError(
            'permission_denied',
            "Revoking another member's API key requires the role admin.",
            'Ask its creator or an admin of the workspace to revoke it.',
            { neededRole: 'admin' },
          );
        // Another request may have revoked it in the meantime.
        const { count } = await tx.apiKey.deleteMany({ where: { orgId, id: keyId } });
        if (count === 0) throw keyNotFound();
        return key;
      },
      ({ name, role, createdById }) => ({ subject: keyId, data: { name, role, createdById } }),
    ).then(({ id, name }) => ({ id, name }));
  },
});

const keyNotFound = () =>
  new ArmatureError(
    'api_key_not_found',
    'There is no such API key in this workspace.',
    'It may have been revoked already. List the keys to see which there are.',
  );
