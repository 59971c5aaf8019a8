import { z } from 'zod';
import { ArmatureError } from '../../domain/error/error.ts';
import { atLeast } from '../../domain/role/role.ts';
import { useCase } from '../context/use-case.ts';

/**
 * Revokes an API key: its row is deleted, so that the next request with it is refused on every api process. Members revoke their own,
 * admins any.
 * @throws ArmatureError `resource_not_found`, `permission_denied`
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
        const own = actor.kind === 'member' && actor.id === key.createdById;
        const mayAll = actor.kind === 'system' || (actor.kind !== 'visitor' && atLeast(actor.role, 'admin'));
        if (!own && !mayAll)
          throw new ArmatureError(
            'permission_denied',
            "Revoking someone else's API key needs the role admin.",
            'Ask its creator or an admin of the workspace to revoke it.',
            { neededRole: 'admin' },
          );
        // Of two who revoke it at once, the second finds it gone.
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
    'resource_not_found',
    'There is no such API key in this workspace.',
    'It may have been revoked already. List the keys to see which there are.',
  );
