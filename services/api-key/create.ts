import { z } from 'zod';
import { ArmatureError } from '../../domain/error/error.ts';
import { useCase } from '../context/use-case.ts';
import { newApiKey } from './secret.ts';

/** A new API key, frozen to its creator's role. The answer's `key` is shown once and kept nowhere. */
export const createApiKey = useCase({
  name: 'api_key.create',
  access: 'viewer',
  input: z.object({ name: z.string().trim().min(1, 'Give the key a name, such as what will use it.').max(100) }),
  async run({ actor, orgId, write }, { name }) {
    if (actor.kind !== 'member')
      throw new ArmatureError(
        'permission_denied',
        'Only a person can make an API key.',
        'Sign in to the dashboard and make it there.',
      );
    const { id, key, hash } = await newApiKey();
    await write(
      (tx) => tx.apiKey.create({ data: { id, orgId, name, role: actor.role, hash, createdById: actor.id } }),
      { subject: id, data: { name, role: actor.role } },
    );
    return { id, key, role: actor.role };
  },
});
